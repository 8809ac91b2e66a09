"""The real commands against the emulated site, for somebody to watch: nothing leaves the machine.

    python -m tests.support.mangadex.demo [--work DIR]

Two drawn series stand on the site. One chapter has two translations and lies at its publisher's
as well; one page arrives spoiled and heals; one chapter is taken away between plan and download.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from pipeline.synthetic.series import SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from tests.support.mangadex.corpus import INK, PUBLISHER, REED, Chapter, Corpus, Series, uid
from tests.support.mangadex.faults import Fault
from tests.support.mangadex.pictures import Given
from tests.support.mangadex.rules import Rules
from tests.support.mangadex.server import Emulator, emulator_thread
from tests.support.mangadex.shapes import from_files, pages
from tests.support.mangadex.stats import Stats

CHECKOUT: Final = Path(__file__).resolve().parents[3]
PAGES_EACH: Final = 4
LANTERNS: Final = "Paper Lanterns"
TIDE: Final = "The Tide Clock"
PROFILE: Final = """
name = "demo"
manifest = "demo.toml"
workspace = "work/demo-mangadex/workspace"
workers = 2

[mangadex]
contact = "demo@localhost"
"""
Step = tuple[Sequence[str], int, str]


def drawn(title: str, seed: int, chapters: int) -> Series:
    """A series of the project's own drawings, the same every time."""
    spec = SeriesSpec("demo", seed, chapters, PAGES_EACH, language="en", hardness=1)
    book = SyntheticSeries(spec)
    files: dict[str, list[Given]] = {}
    for chapter, number in book.page_keys():
        page = book.draw(chapter, number)
        extension = "png" if page.media_type == "image/png" else "jpg"
        files.setdefault(str(int(chapter[1:])), []).append(Given(page.png_or_jpeg, extension))
    return from_files(title, files)


def site_of_two() -> tuple[Corpus, list[Fault]]:
    """The corpus and what goes wrong with it."""
    lanterns, tide = drawn(LANTERNS, 11, 2), drawn(TIDE, 12, 3)
    first, second = lanterns.chapters
    other = Chapter(uid("demo", "reed"), number="1", pictures=pages(PAGES_EACH), groups=(REED,))
    away = replace(
        second,
        id=uid("demo", "away"),
        pictures=(),
        external_url="https://publisher.invalid/2",
        groups=(PUBLISHER,),
    )
    lanterns = replace(lanterns, chapters=(away, other, first, second), follows=9)
    assert first.groups == (INK,)
    faults = [
        Fault("wrong_bytes", chapter=first.id, page=3),
        Fault("chapter_gone", chapter=tide.chapters[2].id),
    ]
    return Corpus((lanterns, tide)), faults


def steps(manifest: Path, workspace: Path) -> list[Step]:
    """The commands, the exit code that each is to end with, and what to look for."""
    where = ["--profile", "demo", "--manifest", str(manifest)]
    there = [*where, "--workspace", str(workspace)]
    add = ["series", "add"]
    return [
        ([*add, LANTERNS, *where, "--cap", "4", "--yes"], 0, "Look a series up by its title"),
        ([*add, TIDE, *where, "--cap", "7", "--split", "val", "--yes"], 0, "And another"),
        (
            ["plan", *there],
            13,
            "What there is: 6 of 7 double pages of the second",
        ),
        (["fetch", *there], 14, "Download; page 3 comes spoiled once, a chapter is gone"),
        (["fetch", *there], 14, "Again: nothing that is here is asked for again"),
        (["run", *there], 14, "The other stages, on what there is"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Shows everything. Returns 0 if each command ended as it should, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=CHECKOUT / "work" / "demo-mangadex")
    work: Path = parser.parse_args(arguments).work.resolve()
    console = Console(highlight=False, soft_wrap=True)
    manifests, workspace = work / "demo-manifests", work / "demo-workspace"
    for ours in (manifests, workspace):
        shutil.rmtree(ours, ignore_errors=True)
    shutil.copytree(CHECKOUT / "manifests", manifests)
    (manifests / "profiles" / "demo.toml").write_text(PROFILE)
    console.print("Drawing two series ...")
    corpus, faults = site_of_two()
    with emulator_thread(corpus, rules=Rules(image_latency_s=0.2), faults=faults) as emulator:
        console.print(f"The emulated site is up at {emulator.api_url}, with its limits on.\n")
        environment = environment_for(emulator, manifests)
        wrong = [
            step
            for step in steps(manifests / "demo.toml", workspace)
            if not shown(console, step, environment)
        ]
        console.print(summary(emulator.stats))
    console.print(f"Everything lies in {work}")
    return 1 if wrong else 0


def environment_for(emulator: Emulator, manifests: Path) -> Mapping[str, str]:
    """The environment that turns our commands to the emulated site."""
    ours = {
        "MANGAZERO_MANGADEX_API_URL": emulator.api_url,
        "MANGAZERO_MANGADEX_REPORT_URL": emulator.report_url,
        "MANGAZERO_ALLOW_LOOPBACK": "1",
        "MANGAZERO_MANIFESTS": str(manifests),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
    return {"COLUMNS": "110", **os.environ, **ours}


def shown(console: Console, step: Step, environment: Mapping[str, str]) -> bool:
    """Runs a command with its output in sight. False if it did not end as expected."""
    words, expected, caption = step
    console.rule(caption, align="left")
    console.print(f"$ mangazero {shlex.join(words)}", markup=False)
    sys.stdout.flush()
    command = [sys.executable, "-m", "pipeline.cli.main", *words]
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, check=False, timeout=600)
    as_expected = done.returncode == expected
    note = "" if as_expected else f", where {expected} was expected"
    console.print(f"(exit {done.returncode}{note})\n", markup=False)
    return as_expected


def summary(stats: Stats) -> Table:
    """What the emulated site saw."""
    told = stats.snapshot()
    table = Table(title="What the site saw", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for route, count in sorted(told["requests"].items()):
        table.add_row(f"requests: {route}", f"{count}")
    rows = {
        "answers 429": "limited",
        "requests before their time": "early_requests",
        "peak, requests to the API in a second (5)": "peak_api_per_second",
        "peak, leases in a minute (40)": "peak_at_home_per_minute",
        "different pages sent": "different_pages_served",
        "pages sent more than once": "duplicate_pages",
        "most images on their way at once": "",
        "faults that happened": "",
        "rules broken": "",
    }
    values = {
        "most images on their way at once": told["peak_running"].get("images", 0),
        "faults that happened": ", ".join(f"{k} {n}" for k, n in told["faults"].items()),
        "rules broken": ", ".join(f"{k} {n}" for k, n in told["violations"].items()) or "none",
    }
    for label, key in rows.items():
        table.add_row(label, str(told[key] if key else values[label]))
    return table


if __name__ == "__main__":
    raise SystemExit(main())
