"""A manifest and a profile for the emulated MangaDex, and `mangazero fetch` as a user runs it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import environ
from pathlib import Path

from typer import Typer
from typer.testing import CliRunner

from pipeline.cli.fetch import fetch
from pipeline.cli.plan import plan
from pipeline.cli.run import run
from pipeline.core.errors import MangaZeroError
from tests.support.built import MANIFESTS
from tests.support.commands import Said, say

QUICK = """
name = "quick"
manifest = "quick.toml"
workspace = "work/quick"
screen = { min_side_px = 50 }
detect = { detector = "random" }

[mangadex]
report = "off"
api_interval_s = 0.0
at_home_interval_s = 0.0
"""
POLITE = QUICK.replace("quick", "polite").split("api_interval_s")[0]
"""Intervals that are allowed anywhere, for addresses that are not on loopback."""


_app = Typer()
_app.command()(fetch)
_app.command()(plan)
_app.command()(run)


@dataclass(frozen=True)
class Listed:
    """A series as the manifest has it."""

    slug: str
    manga: str
    language: str = "en"
    cap: int = 9
    extra: str = ""

    @property
    def text(self) -> str:
        return f"""
[[series]]
slug = "{self.slug}"
title = "{self.slug.title()}"
source = {{ kind = "mangadex", manga = "{self.manga}" }}
language = "{self.language}"
direction = "rtl"
cap = {self.cap}
licence = "LicenseRef-unknown"
attribution = "A. Author"
{self.extra}
"""


@dataclass(frozen=True)
class Desk:
    """A folder with manifests and workspaces, and the address of MangaDex."""

    root: Path
    api_url: str
    report_url: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def prepare(self, *listed: Listed) -> Desk:
        """Writes the profiles and the manifest."""
        if not self.manifests.exists():
            shutil.copytree(MANIFESTS, self.manifests)
        for text, name in ((QUICK, "quick"), (POLITE, "polite")):
            (self.manifests / "profiles" / f"{name}.toml").write_text(text)
        self.list(*listed)
        return self

    def list(self, *listed: Listed) -> None:
        """Writes the manifest of both profiles anew."""
        for name in ("quick", "polite"):
            text = "".join(each.text for each in listed)
            (self.manifests / f"{name}.toml").write_text(text)

    @property
    def manifests(self) -> Path:
        return self.root / "manifests"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def environment(self) -> dict[str, str]:
        """Request limits are kept in the desk's own folder, where nobody else finds them."""
        return {
            "MANGAZERO_LIMITS_DIR": str(self.root / "run"),
            "MANGAZERO_MANGADEX_API_URL": self.api_url,
            "MANGAZERO_MANGADEX_REPORT_URL": self.report_url or self.api_url,
            "MANGAZERO_ALLOW_LOOPBACK": "1",
            "no_proxy": "127.0.0.1",
            **self.extra,
        }

    def call(self, command: str, *options: str | Path, profile: str = "quick") -> Said:
        """`mangazero COMMAND` over the workspace, as a process of its own."""
        return say(
            *self._words(command, options, profile),
            manifests=self.manifests,
            extra=self.environment,
        )

    def fetch(self, *options: str | Path, profile: str = "quick") -> Said:
        """`mangazero fetch` over the workspace, in this process: much sooner done."""
        return self._hear("fetch", options, profile)

    def plan(self, *options: str | Path, profile: str = "quick") -> Said:
        """`mangazero plan` in the same way."""
        return self._hear("plan", options, profile)

    def run(self, *options: str | Path, profile: str = "quick") -> Said:
        """`mangazero run` in the same way."""
        return self._hear("run", (*options, "--workers", "0"), profile)

    def _hear(self, command: str, options: Sequence[str | Path], profile: str) -> Said:
        environment = {
            "MANGAZERO_MANIFESTS": str(self.manifests),
            "MANGAZERO_FACES_PYTHON": "",
            "COLUMNS": "120",
            **self.environment,
        }
        words = self._words(command, options, profile)[1:]
        heard = CliRunner().invoke(_app, words, env=environment)
        error = heard.exception
        if isinstance(error, MangaZeroError):
            return Said(error.exit_code, heard.stdout, f"{heard.stderr}mangazero: {error}\n")
        if error is not None and not isinstance(error, SystemExit):
            raise error
        return Said(heard.exit_code, heard.stdout, heard.stderr)

    def fetch_until(self, is_time: threading.Event, *options: str) -> Said:
        """The same, ended with SIGTERM when it is time."""
        started = subprocess.Popen(
            [sys.executable, "-m", *self._words("fetch", options, "quick")],
            env={
                **environ,
                "MANGAZERO_MANIFESTS": str(self.manifests),
                "MANGAZERO_FACES_PYTHON": "",
                "COLUMNS": "120",
                **self.environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert is_time.wait(30)
            started.send_signal(signal.SIGTERM)
            out, err = started.communicate(timeout=30)
        finally:
            started.kill()
        return Said(started.returncode, out, err)

    def _words(self, command: str, options: Sequence[str | Path], profile: str) -> list[str]:
        named = ("--profile", profile, "--workspace", str(self.work))
        return ["pipeline.cli.main", command, *named, *map(str, options)]


def own_lines(said: Said) -> list[str]:
    """What the command itself says is wrong, on standard error."""
    return [line for line in said.err.splitlines() if line.startswith("mangazero: ")]
