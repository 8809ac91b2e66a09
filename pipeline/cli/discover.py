"""`mangazero series discover`: a whole manifest of series that can really be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from pipeline.catalogue import EntryOptions, entry_for, title_of
from pipeline.catalogue_entries import is_empty, known_entries, write_manifest
from pipeline.cli.catalogues import manifest_of, opener_of, screen, shown
from pipeline.cli.opening import ManifestOption, ProfileOption, manifests_folder, profile_named
from pipeline.core.errors import (
    BadConfig,
    Interrupted,
    Retryable,
    ServerTrouble,
    Shortfall,
    StopRun,
)
from pipeline.discovery import Candidate, Criteria, Verdict, candidates
from pipeline.manifests import load_tombstones
from pipeline.series_query import parse_language
from schemas.series import SeriesEntry

_STYLES: Final = {
    Verdict.KEPT: "green",
    Verdict.TOO_FEW: "dim",
    Verdict.REFUSED: "yellow",
    Verdict.NO_ANSWER: "red",
}


@dataclass
class FoundSeries:
    """The manifest that grows. Until it is complete it replaces nothing that a person filled in.

    told    the command line, for the header
    """

    path: Path
    language: str
    count: int
    told: str
    may_grow_in_place: bool
    looked_at: int = 0
    entries: list[SeriesEntry] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return len(self.entries) >= self.count

    def take(self, candidate: Candidate) -> None:
        """Adds it and, where nothing can be lost by it, writes the file at once."""
        taken = frozenset(entry.slug for entry in self.entries)
        entry = entry_for(candidate.facts, EntryOptions(self.language, taken_slugs=taken))
        self.entries.append(entry)
        self.notes[entry.slug] = (
            f"{candidate.pages:,} single pages in {candidate.chapters:,} chapters"
        )
        if self.may_grow_in_place:
            self.write()

    def write(self) -> None:
        """The whole file. Raises DiskFull or NotWritable."""
        n = len(self.entries)
        state = "" if self.is_complete else f"\nIt ended with {n} of {self.count} series found."
        write_manifest(self.path, self.entries, f"{self.told}{state}", self.notes)


def discover(
    context: typer.Context,
    count: Annotated[int, typer.Option("--count", min=1, help="So many series.")] = 48,
    language: Annotated[str, typer.Option("--language", help="Readable in this one.")] = "en",
    since: Annotated[
        int, typer.Option("--since", min=0, help="Begun in this year or later; 0 for any.")
    ] = 2000,
    min_pages: Annotated[
        int, typer.Option("--min-pages", min=1, help="With so many readable single pages.")
    ] = 1000,
    original_language: Annotated[
        list[str] | None,
        typer.Option("--original-language", help="Made in this one (ja); may be given again."),
    ] = None,
    rating: Annotated[
        list[str] | None,
        typer.Option("--rating", help="Of this rating (the profile's); may be given again."),
    ] = None,
    manifest: ManifestOption = None,
    profile: ProfileOption = "mangazero",
    force: Annotated[
        bool, typer.Option("--force", help="Replace a manifest that has filled entries.")
    ] = False,
) -> None:
    """Look for series by follows, count what can really be read, and write a whole manifest."""
    chosen = profile_named(profile)
    criteria = Criteria(
        language=parse_language(language),
        since=since or None,
        min_pages=min_pages,
        original_languages=tuple(map(parse_language, original_language or ("ja",))),
        ratings=_ratings(rating or (), chosen.mangadex.ratings),
    )
    path = manifest_of(chosen, manifest)
    is_template = all(map(is_empty, known_entries(path)))
    if not is_template and not force:
        raise BadConfig(f"{shown(path)} has filled entries: replace them all with --force")
    now = datetime.now(UTC)
    found = FoundSeries(path, criteria.language, count, _told(criteria, count, now), is_template)
    console = screen()
    with opener_of(context)(chosen.mangadex) as catalogue, said_if_stopped(found, console):
        walk = candidates(catalogue, criteria, load_tombstones(manifests_folder()), now)
        collect(found, walk, lambda candidate: _say(console, found, candidate))
    conclude(found, console)


def collect(
    found: FoundSeries, walk: Iterable[Candidate], say: Callable[[Candidate], None]
) -> None:
    """Takes candidates until there are enough, and says of each what became of it."""
    for candidate in walk:
        found.looked_at += 1
        if candidate.verdict is Verdict.KEPT:
            found.take(candidate)
        say(candidate)
        if found.is_complete:
            return


def conclude(found: FoundSeries, console: Console) -> None:
    """Writes what was found. Raises Shortfall if it is less than was asked for."""
    if found.entries:
        found.write()
        console.print(
            f"{len(found.entries)} series are in {shown(found.path)}: look through them, then "
            f"mangazero plan --manifest {shown(found.path)}",
            markup=False,
            soft_wrap=True,
        )
    if not found.is_complete:
        where = f"they are in {shown(found.path)}" if found.entries else "nothing was written"
        raise Shortfall(
            f"{len(found.entries)} of {found.count} series found among {found.looked_at}, {where}: "
            "ask for fewer --min-pages, an earlier --since, or another --original-language"
        )


@contextmanager
def said_if_stopped(found: FoundSeries, console: Console) -> Iterator[None]:
    """Says what lies on the disk where the block is stopped by hand or by the server."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"stopped: {_on_disk(found)}") from None
    except Retryable as error:
        console.print(f"Stopped: {_on_disk(found)}", markup=False, soft_wrap=True)
        raise ServerTrouble(f"MangaDex gives no answer ({error}): try it again later") from None
    except StopRun:
        console.print(f"Stopped: {_on_disk(found)}", markup=False, soft_wrap=True)
        raise


def _on_disk(found: FoundSeries) -> str:
    if found.entries and found.may_grow_in_place:
        return f"{len(found.entries)} of {found.count} series are in {shown(found.path)}"
    return f"nothing was written, {shown(found.path)} is as it was"


def _say(console: Console, found: FoundSeries, candidate: Candidate) -> None:
    """kept 3/48    1,934 pages  Title"""
    is_kept = candidate.verdict is Verdict.KEPT
    what = f"kept {len(found.entries)}/{found.count}" if is_kept else candidate.verdict.value
    pages = f"{candidate.pages:,} pages" if not candidate.why else ""
    line = Text()
    line.append(f"{what:<12}", style=_STYLES[candidate.verdict])
    line.append(f"{pages:>13}  {title_of(candidate.facts)}")
    if candidate.why:
        line.append(f"  ({candidate.why})", style="dim")
    console.print(line, no_wrap=True, overflow="ellipsis")


def _ratings(asked: Iterable[str], taken: tuple[str, ...]) -> tuple[str, ...]:
    ratings = tuple(dict.fromkeys(asked))
    for rating in ratings:
        if rating not in taken:
            raise BadConfig(
                f"--rating {rating}: the profile takes {', '.join(taken)} (mangadex.ratings)"
            )
    return ratings or taken


def _told(criteria: Criteria, count: int, now: datetime) -> str:
    """The header of the manifest: how to make it again, and what its numbers mean."""
    options = [
        f"--count {count} --language {criteria.language} --since {criteria.since or 0}",
        f"--min-pages {criteria.min_pages}",
        *(f"--original-language {each}" for each in criteria.original_languages),
        *(f"--rating {each}" for each in criteria.ratings),
    ]
    return (
        f"Found on {now.astimezone(UTC):%Y-%m-%d} with\n"
        f"  mangazero series discover {' '.join(options)}\n"
        "The most followed come first; the comment above each entry is what could be read then.\n"
        "Edit it as you like: take series out, move some to val or test, correct the direction.\n"
        "\n"
        "cap counts in cap_unit. A double page is one image of two facing pages, so a cap of\n"
        "1,000 double pages takes up to 2,000 single pages."
    )
