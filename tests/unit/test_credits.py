"""Whom to name, on its way: from a chapter's credit to samples, shards and the workspace."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli.credits import write_credits
from pipeline.core.engine import LocalEngine
from pipeline.core.errors import NotWritable
from pipeline.core.runner import StageRun, run_stage
from pipeline.core.tables import write_table
from pipeline.core.workspace import Workspace
from pipeline.stages.shard import credits_text
from pipeline.stages.tables import CREDITS, SAMPLES
from pipeline.wiring import Plan, series_stage, shard_stage
from schemas.pages import ChapterCredit
from schemas.samples import ShardIndex
from schemas.series import SeriesManifest
from tests.support.small_build import ENTRY, small_build


def credit(chapter: str, *groups: str, series: str = "ink", title: str = "") -> ChapterCredit:
    return ChapterCredit(
        id=f"{series}/{chapter}",
        series=series,
        chapter=chapter,
        provider="MangaDex",
        url=f"https://mangadex.org/chapter/{chapter}",
        work_id="w",
        chapter_id=chapter,
        title=title,
        groups=groups,
        group_ids=tuple(group.lower() for group in groups),
        uploader="aya",
        uploader_id="u1",
    )


ONE = credit("c0001", "Ink Readers", "Reed")
TWO = credit("c0002", title="Vol. 1 Ch. 2")
LINE_ONE = (
    "MangaDex https://mangadex.org/chapter/c0001: translated by Ink Readers, Reed; uploaded by aya"
)
LINE_TWO = "MangaDex https://mangadex.org/chapter/c0002: no group named; uploaded by aya"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return small_build(tmp_path_factory.mktemp("credits"))


@pytest.fixture
def plan(built: Plan, tmp_path: Path) -> Plan:
    root = shutil.copytree(built.workspace.root, tmp_path / "work")
    return replace(built, workspace=Workspace(root))


def credited(plan: Plan, *credits: ChapterCredit, slug: str = "ink") -> Plan:
    """The credits as `resolve` would leave them."""
    rows = [each.model_dump(mode="json") for each in credits]
    write_table(plan.workspace.table_path(CREDITS, slug), CREDITS, rows)
    return plan


def rerun(plan: Plan) -> tuple[StageRun, StageRun]:
    """`assemble` and `shard`."""
    stages = series_stage(plan, plan.entry("ink"), "assemble"), shard_stage(plan, ("ink",))
    with LocalEngine(0) as engine:
        first, second = (run_stage(stage, plan.workspace, engine) for stage in stages)
    return first, second


def attributions(plan: Plan) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sample in plan.workspace.read(SAMPLES, ["ink"]):
        found.setdefault(sample.chapter, set()).add(sample.attribution)
    return found


def test_without_credits_the_manifest_names_everybody(built: Plan) -> None:
    assert attributions(built) == {chapter: {"A <b>person</b>"} for chapter in ("c0001", "c0002")}
    text = (built.workspace.shards_folder / "CREDITS.txt").read_text("utf-8")
    assert text == "Who made and brought the pages of this dataset:\n\nA <b>person</b>\n"


def test_every_sample_names_the_work_and_its_own_chapter(plan: Plan) -> None:
    assemble, _ = rerun(credited(plan, ONE, TWO))
    assert assemble.receipt.fresh == assemble.receipt.items
    assert attributions(plan) == {
        "c0001": {f"A <b>person</b>; {LINE_ONE}"},
        "c0002": {f"A <b>person</b>; {LINE_TWO}"},
    }


def test_shards_carry_the_credits_in_every_page_in_the_index_and_in_a_file(plan: Plan) -> None:
    rerun(credited(plan, ONE, TWO))
    folder = plan.workspace.shards_folder
    names = {f"A <b>person</b>; {line}" for line in (LINE_ONE, LINE_TWO)}
    index = ShardIndex.model_validate_json((folder / "index.json").read_bytes())
    assert set(index.attributions) == names
    text = (folder / "CREDITS.txt").read_text("utf-8")
    assert text.splitlines()[2:] == sorted(names)
    by_chapter = dict(_pages_in(folder))
    assert by_chapter == {
        "c0001": f"A <b>person</b>; {LINE_ONE}",
        "c0002": f"A <b>person</b>; {LINE_TWO}",
    }


def _pages_in(folder: Path) -> Sequence[tuple[str, str]]:
    found = set()
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith(".json"):
                    page = json.load(tar.extractfile(member))  # type: ignore[arg-type]
                    found.add((page["chapter"], page["attribution"]))
    return sorted(found)


def test_a_series_without_an_attribution_of_its_own_has_its_credits_alone(plan: Plan) -> None:
    entry = ENTRY.model_copy(update={"attribution": ""})
    bare = replace(plan, manifest=SeriesManifest(series=(entry,)))
    rerun(credited(bare, ONE))
    assert attributions(bare) == {"c0001": {LINE_ONE}, "c0002": {""}}
    text = (bare.workspace.shards_folder / "CREDITS.txt").read_text("utf-8")
    assert LINE_ONE in text


def test_another_credit_works_again_on_its_own_chapter_only(plan: Plan) -> None:
    first, _ = rerun(credited(plan, ONE, TWO))
    again, shards = rerun(credited(plan, ONE, credit("c0002", "Others")))
    pages = {s.page_image for s in plan.workspace.read(SAMPLES, ["ink"]) if s.chapter == "c0002"}
    assert 0 < again.receipt.fresh < first.receipt.items
    assert again.receipt.fresh >= len(pages)
    assert "translated by Others" in attributions(plan)["c0002"].pop()
    assert not shards.was_done
    done, stands = rerun(plan)
    assert done.was_done
    assert stands.was_done


def test_a_lost_credits_file_of_the_shards_is_written_again(plan: Plan) -> None:
    path = plan.workspace.shards_folder / "CREDITS.txt"
    before = path.read_bytes()
    receipt = plan.workspace.read_receipt("shard", "_dataset")
    assert receipt is not None
    assert receipt.files["shards/CREDITS.txt"] == len(before)
    path.unlink()
    _, shards = rerun(plan)
    assert not shards.was_done
    assert shards.receipt.fresh == 0
    assert path.read_bytes() == before


def test_names_in_any_script_are_counted_in_bytes(plan: Plan) -> None:
    rerun(credited(plan, credit("c0001", "ひかり翻訳", "Équipe Ïnk")))
    receipt = plan.workspace.read_receipt("shard", "_dataset")
    assert receipt is not None
    path = plan.workspace.shards_folder / "CREDITS.txt"
    assert "ひかり翻訳, Équipe Ïnk" in path.read_text("utf-8")
    assert receipt.files["shards/CREDITS.txt"] == path.stat().st_size
    assert rerun(plan)[1].was_done


def test_the_text_names_each_in_a_line() -> None:
    assert credits_text(["a", "b"]).splitlines()[1:] == ["", "a", "b"]
    assert credits_text([]).endswith(":\n\n")


def test_the_workspace_has_a_credits_file_chapter_by_chapter(plan: Plan) -> None:
    reed = ENTRY.model_copy(update={"slug": "reed", "title": "Reed", "attribution": "Rin"})
    both = replace(plan, manifest=SeriesManifest(series=(ENTRY, reed)))
    credited(both, ONE, TWO)
    credited(both, credit("c0009", "Zed", series="reed"), slug="reed")
    write_credits(both)
    assert plan.workspace.credits_path.read_text("utf-8") == (
        "Pages by way of MangaDex and of those who translated and uploaded them:\n"
        "\n"
        "Ink & <Paper> (A <b>person</b>)\n"
        f"  c0001: {LINE_ONE}\n"
        f"  Vol. 1 Ch. 2: {LINE_TWO}\n"
        "\n"
        "Reed (Rin)\n"
        "  c0009: MangaDex https://mangadex.org/chapter/c0009: "
        "translated by Zed; uploaded by aya\n"
    )


def test_where_nobody_is_to_be_credited_there_is_no_file(plan: Plan) -> None:
    write_credits(plan)
    assert not plan.workspace.credits_path.exists()


def test_a_credits_file_that_cannot_be_written_is_told(plan: Plan) -> None:
    plan.workspace.credits_path.mkdir()
    with pytest.raises(NotWritable):
        write_credits(credited(plan, ONE))
