"""`mangazero plan`: what there is, what is taken, what is missing; with a catalogue in memory."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from pipeline.catalogue import EntryOptions, entry_for
from pipeline.catalogue_entries import write_manifest
from pipeline.cli.plan import plan
from pipeline.core.errors import (
    BadConfig,
    Banned,
    Interrupted,
    MangaZeroError,
    Shortfall,
    WorkspaceBusy,
)
from pipeline.core.lock import workspace_lock
from pipeline.core.workspace import Workspace
from pipeline.ports.frozen_plans import read_frozen_plan
from schemas.mangadex import SeriesFacts
from tests.support.commands import small_manifests
from tests.support.fake_catalogue import (
    LONG_STRIP,
    FakeCatalogue,
    chapter_of,
    facts_of,
    uuid,
)

app = typer.Typer()
app.command()(plan)

INK = facts_of(1, "Ink")
REED = facts_of(2, "Reed")


@pytest.fixture
def manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = small_manifests(tmp_path / "manifests")
    monkeypatch.setenv("MANGAZERO_MANIFESTS", str(folder))
    monkeypatch.setenv("MANGAZERO_FACES_PYTHON", "")
    for name in ("API_URL", "REPORT_URL"):
        monkeypatch.delenv(f"MANGAZERO_MANGADEX_{name}", raising=False)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def manifest(manifests: Path, *series: SeriesFacts, **options: Any) -> None:
    told = EntryOptions(**options)
    write_manifest(manifests / "mangazero.toml", [entry_for(each, told) for each in series], "made")


def catalogue() -> FakeCatalogue:
    found = FakeCatalogue()
    found.with_series(INK, [chapter_of(n) for n in range(1, 5)])
    skipped = [chapter_of(11, pages=0), chapter_of(12, external_url="https://shop.example")]
    return found.with_series(REED, [chapter_of(10), *skipped])


def say(found: FakeCatalogue, work: Path, *arguments: str, columns: int = 120) -> Result:
    options = ("--work", str(work), *arguments)
    return CliRunner().invoke(app, options, obj=found.opener, env={"COLUMNS": str(columns)})


def refused(found: FakeCatalogue, work: Path, *arguments: str) -> MangaZeroError:
    error = say(found, work, *arguments).exception
    assert isinstance(error, MangaZeroError), error
    assert "\n" not in str(error)
    return error


def rows(output: str) -> list[str]:
    return [" ".join(line.split()) for line in output.splitlines()]


def test_enough_of_everything_is_no_error(manifests: Path, work: Path) -> None:
    manifest(manifests, INK, REED, cap=5)
    found = catalogue()
    done = say(found, work)
    assert done.exit_code == 0, done.output
    assert "ink double 4 40 20 1 10 5 0" in rows(done.output)
    assert "reed double 1 10 5 1 10 5 0" in rows(done.output)
    assert "all 5 50 25 2 20 10 0" in rows(done.output)
    assert "ink: 3 beyond_cap" in rows(done.output)
    assert "reed: 1 empty, 1 external" in rows(done.output)
    assert "at least 3 s (2 chapters, one every 1.52 s)" in done.output
    assert "8 MB of disk (20 pages; 0.4 MB a page is assumed)" in done.output
    questions = len(found.asked)
    assert say(found, work).exit_code == 0
    assert len(found.asked) == questions


def test_a_shortfall_has_its_table_and_its_exit_code(manifests: Path, work: Path) -> None:
    manifest(manifests, INK, REED, cap=8)
    done = say(catalogue(), work)
    assert isinstance(done.exception, Shortfall)
    assert str(done.exception).startswith(
        "1 of 2 series have less than their cap, most of all reed, 5 of 8: "
    )
    assert "reed double 1 10 5 1 10 5 3" in rows(done.output)


def test_a_series_that_is_gone_and_a_language_that_is_absent(manifests: Path, work: Path) -> None:
    """E6, E32: both are shortfalls, told apart in a line, and the others get their plans."""
    manifest(manifests, facts_of(7, "Lost"), INK, language="fr")
    found = catalogue()
    done = say(found, work)
    assert isinstance(done.exception, Shortfall)
    assert re.search(r"lost: MangaDex has it no longer, since \d{4}-\d\d-\d\d", done.output)
    assert "ink: no chapter in fr" in rows(done.output)
    assert "ink double 0 0 0 0 0 0 1,000" in rows(done.output)


def test_json_says_the_same(manifests: Path, work: Path) -> None:
    manifest(manifests, INK, REED, cap=8)
    document = json.loads(say(catalogue(), work, "--json").stdout)
    ink, reed = document["series"]
    assert (ink["taken_units"], ink["taken_pages"], ink["shortfall_units"]) == (8, 16, 0)
    assert (reed["available_pages"], reed["shortfall_units"]) == (10, 3)
    assert reed["skipped"] == {"empty": 1, "external": 1}
    assert document["is_short"] is True
    assert (document["chapters"], document["pages"]) == (3, 26)
    assert document["least_seconds"] == pytest.approx(4.6)
    assert document["assumed_bytes"] == 26 * 400_000
    assert (document["local"], document["changes"], document["problems"]) == ([], {}, [])


def test_renewing_shows_what_changed(manifests: Path, work: Path) -> None:
    manifest(manifests, INK, REED, cap=5)
    found = catalogue()
    say(found, work)
    found.listed[uuid(1)][0] = chapter_of(1, pages=8, version=2)
    assert "version" not in say(found, work).output
    done = say(found, work, "--renew")
    assert "~ c0001: version 1 -> 2; 10 of 10 pages -> 8 of 8 pages" in rows(done.output)
    assert "+ c0002: Ch. 2, 2 of 10 pages, by Group One" in rows(done.output)
    assert "1 of 2 series are planned as before." in done.output
    changes = json.loads(say(found, work, "--renew", "--json").stdout)["changes"]
    assert changes == {"ink": [], "reed": []}


def test_other_terms_and_refused_series_leave_the_others_their_plans(
    manifests: Path, work: Path
) -> None:
    strip = facts_of(3, "Tower", tags=(LONG_STRIP,))
    manifest(manifests, facts_of(3, "Tower"), INK, REED, cap=5)
    found = catalogue().with_series(strip, [chapter_of(30)])
    assert "tower: tagged Long Strip" in str(refused(found, work))
    assert read_frozen_plan(Workspace(work).frozen_plan_path("reed")) is not None

    manifest(manifests, facts_of(3, "Tower"), INK, REED, cap=4)
    done = say(found, work)
    assert isinstance(done.exception, BadConfig)
    assert "ink: its pages were planned for cap 5 (now 4)" in done.stderr
    assert say(found, work, "--renew", "--series", "ink", "--series", "reed").exit_code == 0
    assert say(found, work, "--series", "ink").exit_code == 0


def test_a_template_that_is_still_empty_is_one_line(manifests: Path, work: Path) -> None:
    found = catalogue()
    error = refused(found, work)
    assert isinstance(error, BadConfig)
    assert "mangazero.toml: series-01 and 47 more are still empty: fill with" in str(error)
    assert "series-07 is still empty" in str(refused(found, work, "--series", "series-07"))
    assert "no series 'ink'" in str(refused(found, work, "--series", "ink"))
    assert found.asked == []


def test_series_that_are_not_from_mangadex_are_local(work: Path, manifests: Path) -> None:
    found = catalogue()
    done = say(found, work, "--profile", "small")
    assert done.exit_code == 0, done.output
    assert "ink local - - - - - - -" in rows(done.output)
    assert found.asked == []


def test_another_manifest(manifests: Path, work: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    write_manifest(path, [entry_for(INK, EntryOptions(cap=5))], "mine")
    assert say(catalogue(), work, "--manifest", str(path)).exit_code == 0


@pytest.mark.parametrize(
    ("raised", "kind"), [(Banned("b"), Banned), (KeyboardInterrupt(), Interrupted)]
)
def test_plans_that_were_made_before_a_stop_stay(
    manifests: Path, work: Path, raised: BaseException, kind: type[MangaZeroError]
) -> None:
    manifest(manifests, INK, REED, cap=5)
    found = catalogue()
    found.trouble[f"series {uuid(2)}"] = raised
    assert type(refused(found, work)) is kind
    found.trouble = {}
    found.asked.clear()
    assert say(found, work).exit_code == 0
    assert found.asked == [f"series {uuid(2)}", f"chapters {uuid(2)} en"]


def test_e21_two_at_once(manifests: Path, work: Path) -> None:
    manifest(manifests, INK)
    with workspace_lock(Workspace(work)):
        assert isinstance(refused(catalogue(), work), WorkspaceBusy)


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits_a_terminal(manifests: Path, work: Path, columns: int) -> None:
    long = facts_of(1, "A long title that fills a whole slug of ids")
    manifest(manifests, long, REED)
    chapters = [chapter_of(n, pages=40) for n in range(1, 1800)]
    found = FakeCatalogue().with_series(long, chapters).with_series(REED, [])
    table = say(found, work, columns=columns).output.split("Not taken")[0].splitlines()
    assert max(len(line.rstrip()) for line in table) <= columns
    assert any("1,799 71,960 35,980" in " ".join(line.split()) for line in table)
