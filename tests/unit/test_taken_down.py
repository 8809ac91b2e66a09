"""What was asked away leaves the shards with the next run, and nothing is asked of the network."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.workspace import Workspace
from pipeline.stages.tables import PAGES, SAMPLES
from schemas.samples import ShardIndex
from tests.support.commands import Said
from tests.support.mangadex.corpus import INK, REED, Chapter, Corpus, Group, Series, uid
from tests.support.mangadex.pictures import Look
from tests.support.mangadex.rules import unlimited
from tests.support.mangadex.server import Emulator, emulator_thread
from tests.support.mangadex.shapes import pages
from tests.support.net import Desk, Listed, own_lines


def drawn(slug: str, group: Group) -> Series:
    """Two chapters of four pages, no two of which look alike."""
    chapters = [
        Chapter(
            uid("chapter", slug, number),
            number=str(number),
            pictures=pages(4, f"{slug}/{number}", looks(4 * number)),
            groups=(group,),
        )
        for number in (1, 2)
    ]
    return Series(uid("series", slug), slug.title(), tuple(chapters))


def looks(first: int) -> tuple[Look, ...]:
    return tuple(Look(variant=first + n) for n in range(4))


ONE, TWO = drawn("one", REED), drawn("two", INK)
CORPUS = Corpus((ONE, TWO))


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with emulator_thread(CORPUS, rules=unlimited()) as emulator:
        yield emulator


@pytest.fixture
def desk(emulator: Emulator, tmp_path: Path) -> Desk:
    """Everything fetched and built; from then on any request would be one too many."""
    desk = Desk(tmp_path, emulator.api_url, emulator.report_url)
    desk.prepare(Listed("one", ONE.id, cap=4), Listed("two", TWO.id, cap=4))
    assert desk.run().code == 0
    emulator.stats.requests.clear()
    return desk


def take_down(desk: Desk, **ids: str) -> Said:
    """Writes the tombstones and runs again."""
    text = "".join(f'{kind} = ["{id_}"]\n' for kind, id_ in ids.items())
    (desk.manifests / "tombstones.toml").write_text(text)
    return desk.run()


def in_shards(desk: Desk) -> set[str]:
    """series/chapter of everything that the tars hold, and what the index says beside them."""
    folder = desk.work / "shards"
    index = ShardIndex.model_validate_json((folder / "index.json").read_bytes())
    assert {path.name for path in folder.glob("*.tar")} == {f"{s.id}.tar" for s in index.shards}
    found = set()
    for path in folder.glob("*.tar"):
        with tarfile.open(path) as tar:
            for name in tar.getnames():
                if name.endswith(".json"):
                    page: dict[str, Any] = json.load(tar.extractfile(name))  # type: ignore[arg-type]
                    found.add(f"{page['series']}/{page['chapter']}")
    return found


EVERYTHING = {"one/c0001", "one/c0002", "two/c0001", "two/c0002"}


def test_a_chapter(desk: Desk, emulator: Emulator) -> None:
    assert in_shards(desk) == EVERYTHING
    assert "status: complete" in take_down(desk, chapter=ONE.chapters[0].id).out
    assert in_shards(desk) == EVERYTHING - {"one/c0001"}
    credits = (desk.work / "shards" / "CREDITS.txt").read_text()
    assert ONE.chapters[0].id not in credits
    assert ONE.chapters[1].id in credits
    assert not emulator.stats.requests
    (desk.manifests / "tombstones.toml").write_text("")
    assert desk.run().code == 0
    assert in_shards(desk) == EVERYTHING, "nothing was lost by it"
    assert not emulator.stats.requests


@pytest.mark.parametrize("ids", [{"manga": ONE.id}, {"group": REED.id}])
def test_a_whole_series_or_all_of_a_group(
    ids: dict[str, str], desk: Desk, emulator: Emulator
) -> None:
    """The samples that an earlier run made of it are not what the shards may fall back on."""
    assert {group.id for chapter in ONE.chapters for group in chapter.groups} == {REED.id}
    said = take_down(desk, **ids)
    assert own_lines(said)
    assert "8 taken_down" in own_lines(said)[0]
    assert in_shards(desk) == {"two/c0001", "two/c0002"}
    assert ONE.id not in (desk.work / "shards" / "index.json").read_text()
    assert not emulator.stats.requests


def test_everything_there_is(desk: Desk, emulator: Emulator) -> None:
    (desk.manifests / "tombstones.toml").write_text(f'group = ["{REED.id}", "{INK.id}"]\n')
    assert desk.run().code != 0
    assert in_shards(desk) == set()
    text = (desk.work / "shards" / "CREDITS.txt").read_text()
    assert "mangadex.org" not in text
    assert not emulator.stats.requests


def test_what_is_taken_down_before_it_is_fetched_is_never_asked_for(
    emulator: Emulator, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, emulator.api_url).prepare(Listed("one", ONE.id, cap=4))
    assert desk.plan().code == 0
    emulator.stats.good_pages.clear()
    text = f'chapter = ["{ONE.chapters[0].id}"]\n'
    (desk.manifests / "tombstones.toml").write_text(text)
    said = desk.fetch()
    assert said.code == 13
    assert said.out.endswith("status: shortfall\n")
    assert "one has 4 of 8 planned pages taken down" in own_lines(said)[-1]
    assert {chapter for chapter, _, _ in emulator.stats.good_pages} == {ONE.chapters[1].id}
    assert len(Workspace(desk.work).read(PAGES, ["one"])) == 4

    (desk.manifests / "tombstones.toml").write_text(f'manga = ["{ONE.id}"]\n')
    built = desk.run()
    assert Workspace(desk.work).read(SAMPLES, ["one"]) == []
    assert built.code != 0


def test_a_tombstone_that_is_lifted_brings_the_pages_after_all(
    emulator: Emulator, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, emulator.api_url).prepare(Listed("one", ONE.id, cap=4))
    desk.plan()
    emulator.stats.good_pages.clear()
    tombstones = desk.manifests / "tombstones.toml"
    tombstones.write_text(f'chapter = ["{ONE.chapters[0].id}"]\n')
    assert desk.fetch().code == 13
    tombstones.write_text("")
    said = desk.fetch()
    assert (said.code, said.out.splitlines()[-1]) == (0, "status: complete")
    assert len(Workspace(desk.work).read(PAGES, ["one"])) == 8
    assert emulator.stats.duplicate_pages == 0
