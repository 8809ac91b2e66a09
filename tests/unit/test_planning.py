"""Page plans: frozen once, made anew on request, amended chapter by chapter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.catalogue import EntryOptions, entry_for
from pipeline.core.errors import BadConfig, Retryable, SeriesGone, ServerTrouble, Unreachable
from pipeline.core.workspace import Workspace
from pipeline.planning import amend, availability, frozen_or_made, renew, terms_of
from pipeline.ports.frozen_plans import read_frozen_plan, sound_plan
from pipeline.wiring import Plan
from schemas.mangadex import FrozenPlan, Group, ListedChapter, SeriesFacts, Tombstones
from schemas.profile import Profile
from schemas.series import FolderSource, MangaDexSource, SeriesEntry, SeriesManifest
from tests.support.fake_catalogue import (
    LONG_STRIP,
    FakeCatalogue,
    chapter_of,
    facts_of,
    uuid,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OTHER_GROUP = (Group(id=uuid(2, "b"), name="Group Two"),)


def plan_for(tmp_path: Path, entry: SeriesEntry, **changes: Any) -> Plan:
    profile = Profile(name="mine", manifest="mine.toml", workspace="work/mine")
    return Plan(
        profile=profile,
        manifest=SeriesManifest(series=(entry,)),
        manifest_path=Path("manifests/mine.toml"),
        workspace=Workspace(tmp_path / "work"),
        manifests=tmp_path,
        **changes,
    )


def ink(facts: SeriesFacts | None = None, **options: Any) -> SeriesEntry:
    return entry_for(facts or facts_of(1, "Ink"), EntryOptions(**options))


def catalogue_of(chapters: Sequence[ListedChapter], **facts: Any) -> FakeCatalogue:
    return FakeCatalogue().with_series(facts_of(1, "Ink", **facts), chapters)


def on_disk(plan: Plan) -> FrozenPlan | None:
    return read_frozen_plan(plan.workspace.frozen_plan_path("ink"))


def test_e24_a_plan_is_asked_for_once_and_then_stands(tmp_path: Path) -> None:
    entry = ink(cap=12)
    plan = plan_for(tmp_path, entry)
    catalogue = catalogue_of([chapter_of(n) for n in range(1, 5)])
    made = frozen_or_made(plan, entry, catalogue, NOW)
    assert (made.taken_units, made.taken_pages, made.available_pages) == (12, 24, 40)
    assert made.made_at == "2026-03-01T12:00:00+00:00"
    assert on_disk(plan) == made
    assert catalogue.asked == [f"series {uuid(1)}", f"chapters {uuid(1)} en"]

    catalogue.listed[uuid(1)].pop()
    assert frozen_or_made(plan, entry, catalogue, NOW + timedelta(days=99)) == made
    assert len(catalogue.asked) == 2


def test_other_terms_are_refused_in_one_line_that_says_what_differs(tmp_path: Path) -> None:
    entry = ink()
    catalogue = catalogue_of([chapter_of(1)])
    made = frozen_or_made(plan_for(tmp_path, entry), entry, catalogue, NOW)
    other = ink(cap=500, cap_unit="single", groups=(uuid(2, "b"),))
    plan = plan_for(tmp_path, other)
    with pytest.raises(BadConfig) as caught:
        frozen_or_made(plan, other, catalogue, NOW)
    assert str(caught.value) == (
        "ink: its pages were planned for cap 1000 (now 500), cap unit double (now single), "
        f"groups none (now {uuid(2, 'b')}): mangazero plan --renew --series ink plans it anew"
    )
    assert on_disk(plan) == made


def test_renewing_says_what_changed_and_leaves_what_is_the_same(tmp_path: Path) -> None:
    entry = ink()
    plan = plan_for(tmp_path, entry)
    catalogue = catalogue_of([chapter_of(1), chapter_of(2)])
    assert renew(plan, entry, catalogue, NOW).lines == ("new",)
    path = plan.workspace.frozen_plan_path("ink")
    before = path.stat().st_ino

    same = renew(plan, entry, catalogue, NOW + timedelta(days=1))
    assert same.lines == ()
    assert same.after == same.before == on_disk(plan)
    assert path.stat().st_ino == before

    catalogue.listed[uuid(1)] = [chapter_of(1), chapter_of(3, pages=12)]
    other = renew(plan, entry, catalogue, NOW)
    assert [line[:7] for line in other.lines[:2]] == ["- c0002", "+ c0003"]
    assert on_disk(plan) == other.after

    catalogue.all[0] = facts_of(1, "Ink", tags=(LONG_STRIP,))
    with pytest.raises(BadConfig, match="Long Strip"):
        renew(plan, entry, catalogue, NOW)
    assert on_disk(plan) == other.after


def test_e6_a_series_that_is_gone_is_a_plan_of_nothing_for_a_day(tmp_path: Path) -> None:
    entry = ink()
    plan = plan_for(tmp_path, entry)
    nobody = FakeCatalogue()
    gone = frozen_or_made(plan, entry, nobody, NOW)
    assert (gone.gone_at, gone.chapters) == ("2026-03-01T12:00:00+00:00", ())
    assert availability(gone).note == "MangaDex has it no longer, since 2026-03-01"

    almost = NOW + timedelta(hours=23, minutes=59)
    assert frozen_or_made(plan, entry, nobody, almost) == gone
    told = renew(plan, entry, nobody, almost)
    assert told.lines == (
        "gone since 2026-03-01T12:00:00+00:00: not asked again before 2026-03-02T12:00:00+00:00",
    )
    assert len(nobody.asked) == 1

    back = frozen_or_made(plan, entry, catalogue_of([chapter_of(1)]), NOW + timedelta(hours=24))
    assert (back.gone_at, back.taken_pages) == ("", 10)


def test_e6_another_series_in_its_place_is_asked_for_at_once(tmp_path: Path) -> None:
    frozen_or_made(plan_for(tmp_path, ink()), ink(), FakeCatalogue(), NOW)
    capped = ink(cap=7)
    stands = frozen_or_made(plan_for(tmp_path, capped), capped, FakeCatalogue(), NOW)
    assert (stands.terms.cap, stands.gone_at) == (7, "2026-03-01T12:00:00+00:00")

    other = ink(facts_of(2, "Ink"))
    catalogue = FakeCatalogue().with_series(facts_of(2, "Ink"), [chapter_of(1)])
    assert frozen_or_made(plan_for(tmp_path, other), other, catalogue, NOW).taken_pages == 10


def test_a_series_that_goes_between_two_questions_is_gone(tmp_path: Path) -> None:
    catalogue = catalogue_of([chapter_of(1)])
    catalogue.trouble[f"chapters {uuid(1)} en"] = SeriesGone("gone")
    assert frozen_or_made(plan_for(tmp_path, ink()), ink(), catalogue, NOW).gone_at


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"tags": (LONG_STRIP,)}, "ink: tagged Long Strip, .*--allow long-strip"),
        ({"content_rating": "pornographic"}, "ink: content rating pornographic"),
    ],
)
def test_e13_e33_refused_at_plan_time(tmp_path: Path, facts: dict[str, Any], message: str) -> None:
    plan = plan_for(tmp_path, ink())
    catalogue = catalogue_of([chapter_of(1)], **facts)
    with pytest.raises(BadConfig, match=message):
        frozen_or_made(plan, ink(), catalogue, NOW)
    assert on_disk(plan) is None
    assert catalogue.asked == [f"series {uuid(1)}"]


def test_e13_an_edition_that_the_entry_allows(tmp_path: Path) -> None:
    entry = ink(allow=("long-strip",))
    catalogue = catalogue_of([chapter_of(1)], tags=(LONG_STRIP,))
    assert frozen_or_made(plan_for(tmp_path, entry), entry, catalogue, NOW).taken_pages == 10


def test_e32_a_language_that_is_absent_is_nothing_of_the_cap(tmp_path: Path) -> None:
    entry = ink(language="fr")
    row = availability(
        frozen_or_made(plan_for(tmp_path, entry), entry, catalogue_of([chapter_of(1)]), NOW)
    )
    assert (row.available_units, row.shortfall_units, row.note) == (0, 1000, "no chapter in fr")


def test_tombstones_leave_uploads_out(tmp_path: Path) -> None:
    stones = Tombstones(chapter=(uuid(1, "c"),))
    plan = plan_for(tmp_path, ink(), tombstones=stones)
    row = availability(
        frozen_or_made(plan, ink(), catalogue_of([chapter_of(1), chapter_of(2)]), NOW)
    )
    assert (row.taken_chapters, row.skipped) == (1, {"taken_down": 1})
    whole = plan_for(tmp_path / "whole", ink(), tombstones=Tombstones(manga=(uuid(1),)))
    row = availability(frozen_or_made(whole, ink(), catalogue_of([chapter_of(1)]), NOW))
    assert (row.taken_pages, row.skipped) == (0, {"taken_down": 1})
    assert row.note == "nothing in en that may be taken"


def test_availability_counts_what_the_cap_leaves(tmp_path: Path) -> None:
    entry = ink(cap=15, cap_unit="single")
    chapters = [chapter_of(1), chapter_of(2), chapter_of(3), chapter_of(4, pages=0)]
    row = availability(
        frozen_or_made(plan_for(tmp_path, entry), entry, catalogue_of(chapters), NOW)
    )
    assert (row.available_chapters, row.available_pages, row.available_units) == (3, 30, 30)
    assert (row.taken_chapters, row.taken_pages, row.taken_units) == (2, 14, 14)
    assert row.shortfall_units == 0
    assert row.skipped == {"empty": 1, "beyond_cap": 1}


def test_an_empty_template_entry_is_one_clear_line(tmp_path: Path) -> None:
    empty = ink().model_copy(
        update={"slug": "series-07", "source": MangaDexSource(kind="mangadex", manga="")}
    )
    with pytest.raises(BadConfig) as caught:
        frozen_or_made(plan_for(tmp_path, empty), empty, FakeCatalogue(), NOW)
    assert str(caught.value) == (
        "manifests/mine.toml: series-07 is still empty: fill it with mangazero series add, "
        "or write the whole file with mangazero series discover"
    )
    local = ink().model_copy(update={"source": FolderSource(kind="folder", path="x")})
    with pytest.raises(BadConfig, match="not from MangaDex"):
        terms_of(local, plan_for(tmp_path, local).profile)


@pytest.mark.parametrize(
    ("raised", "seen"),
    [(Retryable("time-out"), ServerTrouble), (Unreachable("no network"), Unreachable)],
)
def test_no_answer_freezes_nothing(
    tmp_path: Path, raised: Exception, seen: type[Exception]
) -> None:
    plan = plan_for(tmp_path, ink())
    catalogue = catalogue_of([chapter_of(1)])
    catalogue.trouble[f"chapters {uuid(1)} en"] = raised
    with pytest.raises(seen, match=str(raised)):
        frozen_or_made(plan, ink(), catalogue, NOW)
    assert on_disk(plan) is None


def amended_plan(tmp_path: Path, **now: Any) -> tuple[list[str], FrozenPlan, FakeCatalogue]:
    """Three chapters planned, the second with two alternates, then amended under `now`."""
    chapters = [chapter_of(n) for n in (1, 2, 3)]
    chapters += [chapter_of(20 + n, pages=8 - n, number="2", groups=OTHER_GROUP) for n in (1, 2)]
    catalogue = catalogue_of(chapters)
    plan = plan_for(tmp_path, ink(), tombstones=now.pop("tombstones", Tombstones()))
    frozen_or_made(plan_for(tmp_path, ink()), ink(), catalogue, NOW)
    catalogue.now = {uuid(int(name[1:]), "c"): value for name, value in now.items()}
    catalogue.trouble = {}
    lines = amend(plan, ink(), catalogue, ["c0002"], NOW)
    found = on_disk(plan)
    assert found is not None
    return lines, found, catalogue


def test_e25_a_chapter_with_other_pages_is_planned_anew_with_its_reason(tmp_path: Path) -> None:
    changed = chapter_of(2, pages=9, version=4)
    lines, found, _ = amended_plan(tmp_path, c2=changed)
    assert lines == ["ink/c0002: pages 10 -> 9, version 1 -> 4"]
    second = found.chapters[1]
    assert (second.upload, second.take) == (changed, 9)
    assert second.amended == "2026-03-01: pages 10 -> 9, version 1 -> 4"
    assert [each.chapter for each in found.chapters] == ["c0001", "c0002", "c0003"]
    assert availability(found).note == "1 chapters changed after planning"


def test_e25_what_the_catalogue_says_as_before_stays(tmp_path: Path) -> None:
    lines, found, catalogue = amended_plan(tmp_path)
    assert lines == []
    assert not found.chapters[1].amended
    assert catalogue.asked[2:] == [f"chapter {uuid(2, 'c')}"]


@pytest.mark.parametrize(
    "after",
    [
        None,
        chapter_of(2, pages=0),
        chapter_of(2, is_unavailable=True),
        chapter_of(2, external_url="https://shop.example"),
        chapter_of(2, language="fr"),
    ],
)
def test_e8_the_first_alternate_steps_in_for_a_chapter_that_is_gone(
    tmp_path: Path, after: ListedChapter | None
) -> None:
    lines, found, _ = amended_plan(tmp_path, c2=after)
    assert len(lines) == 1
    assert f"{uuid(21, 'c')} instead" in lines[0]
    assert (found.chapters[1].upload.id, found.chapters[1].take) == (uuid(21, "c"), 7)


def test_e8_alternates_are_asked_too_and_one_after_the_other(tmp_path: Path) -> None:
    _, found, catalogue = amended_plan(tmp_path, c2=None, c21=None)
    assert found.chapters[1].upload.id == uuid(22, "c")
    assert catalogue.asked[2:] == [f"chapter {uuid(n, 'c')}" for n in (2, 21, 22)]


def test_e6_nothing_left_leaves_the_plan_as_it_is(tmp_path: Path) -> None:
    lines, found, _ = amended_plan(tmp_path, c2=None, c21=None, c22=None)
    assert lines == []
    assert found.chapters[1].upload.id == uuid(2, "c")


def test_e25_of_one_version_the_leases_know_best_how_many_pages_there_are(tmp_path: Path) -> None:
    """The listing says 10, run after run; a newer version of it counts once, then leases again."""
    plan = plan_for(tmp_path, ink())
    catalogue = catalogue_of([chapter_of(1), chapter_of(2)])
    frozen_or_made(plan, ink(), catalogue, NOW)
    log = plan.workspace.fetch_log_path("ink")
    log.parent.mkdir(parents=True, exist_ok=True)

    def asked_again(*, handed_out: int, day: int) -> tuple[int, int]:
        """Pages and version that the plan has after a run, if the lease gave so many."""
        before = on_disk(plan)
        assert before is not None
        was_planned = before.chapters[0].upload.pages == handed_out
        event = "leased" if was_planned else "changed"
        line = {"time": NOW.isoformat(), "event": event, "chapter": uuid(1, "c")}
        with log.open("a") as stream:
            more = {"hash": "abc", "stamp": "s", "node": "n", "pages": handed_out}
            stream.write(json.dumps(line | more) + "\n")
        amend(plan, ink(), catalogue, ["c0001"], NOW + timedelta(days=day))
        after = on_disk(plan)
        assert after is not None
        return after.chapters[0].upload.pages, after.chapters[0].upload.version

    assert [asked_again(handed_out=9, day=day) for day in range(5)] == [(9, 1)] * 5
    assert asked_again(handed_out=7, day=6) == (7, 1)
    assert amend(plan, ink(), catalogue, ["c0001"], NOW + timedelta(days=6)) == []
    catalogue.now[uuid(1, "c")] = chapter_of(1, version=2)
    found = [asked_again(handed_out=8, day=day) for day in range(5)]
    assert found == [(10, 2), (8, 2), (8, 2), (8, 2), (8, 2)]


def test_a_plan_that_was_edited_is_refused_in_one_line_until_it_is_renewed(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, ink())
    made = frozen_or_made(plan, ink(), catalogue_of([chapter_of(1)]), NOW)
    path = plan.workspace.frozen_plan_path("ink")
    assert sound_plan(path) == made
    path.write_text(path.read_text().replace('"take": 10', '"take": 2'))
    with pytest.raises(BadConfig) as caught:
        frozen_or_made(plan, ink(), catalogue_of([chapter_of(1)]), NOW)
    assert str(caught.value) == (
        f"{path}: edited by hand or damaged, its sha256 does not fit: "
        "mangazero plan --renew makes another, or delete the file"
    )
    assert sound_plan(path) is None
    path.write_text("{}")
    assert sound_plan(path) is None
    path.unlink()
    assert sound_plan(path) is None


def test_a_tombstone_keeps_an_alternate_out(tmp_path: Path) -> None:
    stones = Tombstones(chapter=(uuid(21, "c"),))
    _, found, _ = amended_plan(tmp_path, c2=None, tombstones=stones)
    assert found.chapters[1].upload.id == uuid(22, "c")


def test_no_answer_for_a_chapter_leaves_it_to_the_next_run(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, ink())
    catalogue = catalogue_of([chapter_of(1), chapter_of(2)])
    assert amend(plan, ink(), catalogue, ["c0001"], NOW) == []
    frozen_or_made(plan, ink(), catalogue, NOW)
    catalogue.trouble[f"chapter {uuid(1, 'c')}"] = Retryable("time-out")
    catalogue.now[uuid(2, "c")] = chapter_of(2, pages=11, version=2)
    lines = amend(plan, ink(), catalogue, ["c0001", "c0002", "c0009"], NOW)
    assert lines == ["ink/c0002: pages 10 -> 11, version 1 -> 2"]
