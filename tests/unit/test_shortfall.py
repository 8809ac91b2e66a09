"""The word for a run: from counts to complete, shortfall or partial, and what is said with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.build import Built
from pipeline.core.errors import (
    ItemsFailed,
    NothingToRead,
    PagesMissing,
    Shortfall,
    StopRun,
    UnsafePictures,
)
from pipeline.core.runner import StageRun
from pipeline.manga.chapters import Choice
from pipeline.manga.page_plan import frozen_plan, gone_plan
from pipeline.ports.frozen_plans import write_frozen_plan
from pipeline.shortfall import (
    SeriesTake,
    Status,
    conclusion,
    status_of,
    takes,
    verdict_on_takes,
)
from pipeline.wiring import Plan
from schemas.mangadex import FrozenPlan, SkippedChapter, SkipReason
from schemas.receipts import Receipt
from schemas.series import MangaDexSource, SeriesEntry
from tests.support.built import drawn_entry, plan_for
from tests.support.small_plans import MANGA, NOW, choice_of, plan_of, terms, uuid

COMPLETE, SHORTFALL, PARTIAL = Status.COMPLETE, Status.SHORTFALL, Status.PARTIAL


def take(slug: str = "ink", **changes: Any) -> SeriesTake:
    """Ten page images asked for, twelve there, all twenty pages here."""
    values = {"unit": "double", "asked": 10, "available": 12, "planned": 20, "fetched": 20}
    nothing: dict[str, Any] = {"missing": {}, "skipped": {}, "is_gone": False}
    return SeriesTake(slug, **{**values, **nothing, **changes})


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, COMPLETE),
        ({"available": 10}, COMPLETE),
        ({"available": 9}, SHORTFALL),
        ({"available": 0, "planned": 0, "fetched": 0}, SHORTFALL),
        ({"available": 0, "planned": 0, "fetched": 0, "is_gone": True}, SHORTFALL),
        ({"fetched": 19, "missing": {"gone": 1}}, PARTIAL),
        ({"fetched": 19, "missing": {"not_fetched": 1}}, PARTIAL),
        ({"available": 9, "fetched": 19, "missing": {"hash_mismatch": 1}}, PARTIAL),
        ({"fetched": 16, "missing": {"taken_down": 4}}, SHORTFALL),
        ({"fetched": 15, "missing": {"taken_down": 4, "gone": 1}}, PARTIAL),
        ({"skipped": {"external": 7}}, COMPLETE),
    ],
)
def test_the_word_of_a_series(changes: dict[str, Any], word: Status) -> None:
    assert take(**changes).status is word


FULL = take("full")
SHORT = take("short", available=4)
SHORTER = take("shorter", available=0, planned=0, fetched=0)
BROKEN = take("broken", fetched=17, missing={"gone": 1, "unreachable": 2})


@pytest.mark.parametrize(
    ("series", "word", "code"),
    [
        ((), COMPLETE, 0),
        ((FULL, FULL), COMPLETE, 0),
        ((FULL, SHORT), SHORTFALL, 13),
        ((SHORT, FULL, BROKEN), PARTIAL, 14),
    ],
)
def test_the_gravest_word_is_the_word_of_all_and_has_its_code(
    series: Sequence[SeriesTake], word: Status, code: int
) -> None:
    assert status_of(series) is word
    verdict = verdict_on_takes(series)
    assert (verdict.exit_code if verdict else 0) == code


def told(*series: SeriesTake) -> str:
    verdict = verdict_on_takes(series)
    assert verdict is not None
    assert "\n" not in str(verdict)
    return str(verdict)


def test_a_shortfall_is_told_in_one_line_with_what_to_do() -> None:
    assert told(FULL, SHORT) == (
        "all there is was taken, less than was asked for: short has 4 of 10 page images; "
        "mangazero plan shows every series"
    )
    assert "short has 4 of 10 page images and 1 more series;" in told(FULL, SHORT, SHORTER)
    assert "ink has 4 of 10 pages;" in told(take(available=4, unit="single"))


def test_what_was_taken_down_is_told_as_such() -> None:
    """There would be enough, so numbers of page images would make no sense."""
    removed = take("old", fetched=16, missing={"taken_down": 4})
    assert "old has 4 of 20 planned pages taken down;" in told(FULL, removed)


def test_missing_pages_are_told_by_reason_over_all_series() -> None:
    other = take("other", fetched=18, missing={"gone": 2})
    assert told(FULL, BROKEN, other, SHORT) == (
        "5 of 80 planned pages are missing (3 gone, 2 unreachable): "
        "run again to ask once more for those that may come"
    )


def entry(slug: str = "ink") -> SeriesEntry:
    source = MangaDexSource(kind="mangadex", manga=MANGA)
    return drawn_entry(slug).model_copy(update={"source": source, "cap": 5})


def receipt(stage: str, scope: str, kept: int, **counts: Any) -> Receipt:
    dropped, failed = counts.get("dropped", {}), counts.get("failed", {})
    return Receipt(
        stage=stage,
        scope=scope,
        version=1,
        fingerprint="f",
        config="c",
        items=kept + sum(dropped.values()) + sum(failed.values()),
        kept=kept,
        dropped=dropped,
        failed=failed,
        params={},
        models=(),
        reads={},
        inputs={},
        writes={},
        files={},
        fresh=0,
        started=NOW,
        seconds=0,
        versions={},
    )


def planned(root: Path, *frozen: FrozenPlan) -> Plan:
    """A workspace with these page plans, and a drawn series beside them."""
    entries = [*(entry(each.series) for each in frozen), drawn_entry("reed")]
    plan = plan_for(root / "work", entries)
    for each in frozen:
        write_frozen_plan(plan.workspace.frozen_plan_path(each.series), each)
    return plan


def of(slug: str, *pages: int, cap: int = 5) -> FrozenPlan:
    return plan_of(*pages, cap=cap).model_copy(update={"series": slug})


def test_a_plan_alone_says_what_is_not_fetched_yet(tmp_path: Path) -> None:
    (found,) = takes(planned(tmp_path, of("ink", 6, 6)))
    assert (found.series, found.unit, found.asked, found.available) == ("ink", "double", 5, 6)
    assert (found.planned, found.fetched, found.missing) == (10, 0, {"not_fetched": 10})
    assert found.status is PARTIAL


def test_counts_come_from_the_receipt_of_fetch(tmp_path: Path) -> None:
    plan = planned(tmp_path, of("ink", 6, 6))
    lost = {"dropped": {"gone": 1}, "failed": {"unreachable": 2}}
    plan.workspace.write_receipt(receipt("fetch", "ink", 7, **lost))
    (found,) = takes(plan)
    assert (found.fetched, found.missing) == (7, {"gone": 1, "unreachable": 2})
    plan.workspace.write_receipt(receipt("fetch", "ink", 10))
    (found,) = takes(plan)
    assert (found.fetched, found.missing, found.status) == (10, {}, COMPLETE)


def test_a_receipt_of_a_smaller_plan_leaves_pages_open(tmp_path: Path) -> None:
    plan = planned(tmp_path, of("ink", 6, 6))
    plan.workspace.write_receipt(receipt("fetch", "ink", 6))
    assert takes(plan)[0].missing == {"not_fetched": 4}


def test_skipped_uploads_are_counted_by_reason(tmp_path: Path) -> None:
    """E7, E9, E33: what was there and was not taken is told."""
    reasons = [SkipReason.EXTERNAL, SkipReason.EXTERNAL, SkipReason.EMPTY]
    skipped = tuple(
        SkippedChapter(id=uuid(at), volume="", number="1", pages=0, reason=reason)
        for at, reason in enumerate(reasons)
    )
    choice = Choice(choice_of(4).chosen, skipped)
    plan = planned(tmp_path, frozen_plan("ink", "Ink", terms(5), choice, NOW))
    assert takes(plan)[0].skipped == {"empty": 1, "external": 2}


def test_series_of_other_kinds_and_unplanned_ones_have_no_take(tmp_path: Path) -> None:
    plan = planned(tmp_path, of("ink", 6))
    assert [each.series for each in takes(plan)] == ["ink"]
    plan.workspace.frozen_plan_path("ink").unlink()
    assert takes(plan) == []
    assert status_of(takes(plan)) is COMPLETE


def test_a_language_that_is_absent_and_a_series_that_is_gone_are_shortfalls(
    tmp_path: Path,
) -> None:
    """E32, E6: zero of N."""
    plan = planned(tmp_path, of("ink"), gone_plan("old", "Old", terms(5), NOW))
    absent, gone = takes(plan)
    assert (absent.available, absent.asked, absent.status, absent.is_gone) == (
        0,
        5,
        SHORTFALL,
        False,
    )
    assert (gone.available, gone.status, gone.is_gone) == (0, SHORTFALL, True)
    assert [each.series for each in takes(plan, ["old"])] == ["old"]


def built(*problems: StopRun, **failed: int) -> Built:
    """A build with these problems; `failed` counts items by stage."""
    receipts = [
        receipt(stage, "reed", 1, failed={"BadItem": n} if n else {}) for stage, n in failed.items()
    ]
    return Built(tuple(StageRun(each, was_done=False) for each in receipts), problems)


GONE = Shortfall("old: nothing can be read of it")
MISSING = PagesMissing("ink: not one of its pages came")
EMPTY = NothingToRead("own: no pages in it")


@pytest.mark.parametrize(
    ("problems", "failed", "word", "verdict"),
    [
        ((), {}, COMPLETE, None),
        ((GONE,), {}, SHORTFALL, GONE),
        ((EMPTY,), {}, PARTIAL, EMPTY),
        ((GONE, EMPTY), {}, PARTIAL, EMPTY),
        ((MISSING, GONE, EMPTY), {}, PARTIAL, MISSING),
        ((), {"detect": 2}, PARTIAL, ItemsFailed),
        ((GONE,), {"detect": 2}, PARTIAL, ItemsFailed),
    ],
)
def test_the_word_and_the_code_of_a_build_agree(
    problems: tuple[StopRun, ...],
    failed: dict[str, int],
    word: Status,
    verdict: StopRun | type[StopRun] | None,
    tmp_path: Path,
) -> None:
    found_word, found = conclusion(planned(tmp_path), built(*problems, **failed))
    assert found_word is word
    if isinstance(verdict, type):
        assert isinstance(found, verdict)
    else:
        assert found is verdict
    codes = {COMPLETE: {0}, SHORTFALL: {13}}
    assert (found.exit_code if found else 0) in codes.get(word, {3, 10, 14})


def test_missing_pages_come_before_a_shortfall_of_another_series(tmp_path: Path) -> None:
    plan = planned(tmp_path, of("ink", 6, 6))
    plan.workspace.write_receipt(receipt("fetch", "ink", 9, failed={"unreachable": 1}))
    word, verdict = conclusion(plan, built(GONE))
    assert word is PARTIAL
    assert isinstance(verdict, PagesMissing)
    assert "1 of 10 planned pages are missing (1 unreachable)" in str(verdict)


def test_a_shortfall_does_not_hide_pictures_that_were_refused(tmp_path: Path) -> None:
    plan = planned(tmp_path, of("ink", 6))
    plan.workspace.write_receipt(receipt("fetch", "ink", 6))
    bomb = receipt("screen", "ink", 5, dropped={"decompression_bomb": 1})
    word, verdict = conclusion(plan, Built((StageRun(bomb, was_done=False),)))
    assert word is PARTIAL
    assert isinstance(verdict, UnsafePictures)
    word, verdict = conclusion(plan, Built(()))
    assert word is SHORTFALL
    assert isinstance(verdict, Shortfall)
