"""Every error of ours, named for the reaction that it asks for.

    MangaZeroError
    ├── Retryable            try it again later: a time-out, a busy server
    ├── BadItem              record it, go on with the rest
    ├── StopRun              stop, tell the operator what to do; nothing finished is lost
    │   ├── BadConfig        2   a manifest, profile or option that cannot be meant
    │   │   └── SeriesRefused    one series of a manifest cannot be taken as it stands
    │   ├── NothingToRead    3   no page where pages were expected
    │   ├── NoReadablePage   4   pages, but not one whole picture in a series
    │   ├── UnsafeArchive    5   a ZIP with a way out of its folder, or a bomb
    │   ├── WorkspaceBusy    6   another run holds the workspace
    │   ├── DiskFull         7   no room left
    │   ├── NotWritable      8   the workspace cannot be written
    │   ├── UnsafePictures   9   finished, but some pictures were refused as unsafe
    │   ├── ItemsFailed      10  finished, but some items failed and will be tried again
    │   ├── MissingPart      11  an extra, a model or a folder that the step needs is not there
    │   ├── WorkerDied       12  a worker process was killed: memory, most of the time
    │   ├── Shortfall        13  all there is was taken, and it is less than was asked for
    │   ├── PagesMissing     14  planned pages are missing; the next run tries them again
    │   ├── Banned           15  the server has shut this address out for a while
    │   ├── HumanNeeded      16  the server wants to see a person
    │   ├── Unreachable      17  no network, no such host, or nobody answers there
    │   ├── NoConsent        18  the first real download needs a decision of the operator
    │   ├── SeriesGone       19  the catalogue has no such series
    │   ├── ProxyInTheWay    20  a proxy adds what the server forbids
    │   ├── RateLimited      21  the server asks for a longer wait than we sit out
    │   ├── ServerTrouble    22  the server answers with errors only
    │   │   └── SeriesUnanswered on one series, others may be answered
    │   ├── NotPlanned       23  nothing is planned yet for a series
    │   └── Interrupted      130 stopped by hand; run again to go on
    └── BrokenInvariant      70  our bug: stop, keep the evidence

The numbers are exit codes. `make` itself turns every failure into 2, and prints the number.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class MangaZeroError(Exception):
    """Root of the tree above."""

    exit_code = 1


class Retryable(MangaZeroError):
    """Worth another try: it is counted as failed now and run again next time."""


class BadItem(MangaZeroError):
    """One item cannot be worked on; the others can."""


class StopRun(MangaZeroError):
    """The operator has to do something. The message says what, in one line."""


class BadConfig(StopRun):
    """A manifest, a profile or an option is wrong."""

    exit_code = 2


class SeriesRefused(BadConfig):
    """One series of the manifest cannot be taken as it stands; the others can."""


class NothingToRead(StopRun):
    """A source offers no page at all."""

    exit_code = 3


class NoReadablePage(StopRun):
    """A source offers pages, none of which is a whole picture."""

    exit_code = 4


class UnsafeArchive(StopRun):
    """An archive that would write outside its folder or unpack without bounds."""

    exit_code = 5


class WorkspaceBusy(StopRun):
    """Another process holds the workspace's lock."""

    exit_code = 6


class DiskFull(StopRun):
    """The disk of the workspace has no room left."""

    exit_code = 7


class NotWritable(StopRun):
    """The workspace cannot be written."""

    exit_code = 8


class UnsafePictures(StopRun):
    """Everything is finished, but pictures were refused because of their declared size."""

    exit_code = 9


class ItemsFailed(StopRun):
    """Everything else is finished; the failed items are tried again by the next run."""

    exit_code = 10


class MissingPart(StopRun):
    """Something that the step needs is not installed or not there."""

    exit_code = 11


class WorkerDied(StopRun):
    """A worker process ended without an answer."""

    exit_code = 12


class Shortfall(StopRun):
    """Everything that is available was taken: fewer pages than the manifest asks for."""

    exit_code = 13


class PagesMissing(StopRun):
    """Planned pages could not be had; the next run tries again those that may come."""

    exit_code = 14


class Banned(StopRun):
    """The server has shut this address out."""

    exit_code = 15


class HumanNeeded(StopRun):
    """The server asks for a captcha."""

    exit_code = 16


class Unreachable(StopRun):
    """A name that does not resolve, no route, or nobody who answers."""

    exit_code = 17


class NoConsent(StopRun):
    """Nothing is downloaded before the operator has agreed to the terms in the profile."""

    exit_code = 18


class SeriesGone(StopRun):
    """The catalogue has no series of that id, or no longer."""

    exit_code = 19


class ProxyInTheWay(StopRun):
    """A proxy between us and the server adds a Via header."""

    exit_code = 20


class RateLimited(StopRun):
    """The server asks us to wait for longer than a run should."""

    exit_code = 21


class ServerTrouble(StopRun):
    """The server answers, but with errors only."""

    exit_code = 22


class SeriesUnanswered(ServerTrouble):
    """The server gives no answer on one series; it may on the others."""


class NotPlanned(StopRun):
    """A series whose pages are chosen and frozen first has no plan yet."""

    exit_code = 23


class Interrupted(StopRun):
    """Stopped by hand (Ctrl-C, SIGTERM)."""

    exit_code = 130


class BrokenInvariant(MangaZeroError):
    """Our bug."""

    exit_code = 70


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_IN_THE_WAY = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR}


@contextmanager
def disk_errors_explained(where: object) -> Iterator[None]:
    """Turns the operating system's refusals to write into errors that say what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                f"no room left on the disk of {where}: free some and run again; "
                "what is finished stays finished"
            ) from error
        if error.errno in _READ_ONLY:
            raise NotWritable(
                f"cannot write to {where}: make it writable, or choose another folder with --work "
                "or WORK="
            ) from error
        if error.errno in _IN_THE_WAY:
            raise NotWritable(
                f"cannot write to {where}: {error.filename2 or error.filename} is in the way: "
                "move it, or choose another folder with --work or WORK="
            ) from error
        raise
