"""What commands that ask a catalogue share: its settings, its client, the manifest meant."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import typer
from rich.console import Console

from pipeline.cli.opening import manifests_folder
from pipeline.ports.mangadex.session import MangaDexSession
from pipeline.ports.protocols import Catalogue
from schemas.profile import MangaDexParams, Profile

Opener = Callable[[MangaDexParams], AbstractContextManager[Catalogue]]

_PLAIN_WIDTH: Final = 120
"""Columns where nobody says how many there are."""


@contextmanager
def mangadex(params: MangaDexParams) -> Iterator[Catalogue]:
    """The real one, its connections closed when the block ends."""
    session = MangaDexSession(params)
    try:
        yield session
    finally:
        session.close()


def opener_of(context: typer.Context) -> Opener:
    """How a command opens its catalogue: whoever embeds the command may hand in another way."""
    return context.obj or mangadex


def manifest_of(profile: Profile, named: Path | None) -> Path:
    """The manifest that was named, or the profile's own."""
    return named or manifests_folder() / profile.manifest


def shown(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def screen(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; where there is none, wide enough for a log."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PLAIN_WIDTH
    return console
