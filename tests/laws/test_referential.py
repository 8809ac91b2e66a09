"""Every id that a row names exists where it says."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.core.hashing import sha256_of_bytes, sha256_of_file
from pipeline.core.tables import Table
from pipeline.manga.pictures import decode
from pipeline.stages import tables as t
from pipeline.wiring import Plan
from schemas.ids import kind_of, page_image_of, series_of
from schemas.samples import ShardIndex, ShardPage

Row = Any


def one(column: str) -> Callable[[Row], list[str]]:
    return lambda row: [getattr(row, column)] if getattr(row, column) else []


def parts(row: Row) -> list[str]:
    return [c.id for c in row.characters]


def lines(row: Row) -> list[str]:
    return [d.id for d in row.dialogs]


def people(row: Row) -> list[str]:
    return [c.identity for c in row.characters]


FOREIGN = [
    (t.PAGES, one("id"), t.PLAN, "id"),
    (t.SCREENED, one("id"), t.PAGES, "id"),
    (t.SCREENED, one("sha256"), t.PAGES, "sha256"),
    (t.PAGE_IMAGES, one("left_page"), t.SCREENED, "id"),
    (t.PAGE_IMAGES, one("right_page"), t.SCREENED, "id"),
    (t.PAGE_IMAGES, one("left_sha256"), t.SCREENED, "sha256"),
    (t.PAGE_IMAGES, one("right_sha256"), t.SCREENED, "sha256"),
    (t.PANELS, one("page_image"), t.PAGE_IMAGES, "id"),
    (t.CHARACTERS, one("page_image"), t.PAGE_IMAGES, "id"),
    (t.CHARACTERS, one("panel"), t.PANELS, "id"),
    (t.DIALOGS, one("page_image"), t.PAGE_IMAGES, "id"),
    (t.DIALOGS, one("panel"), t.PANELS, "id"),
    (t.FEATURES, one("id"), t.CHARACTERS, "id"),
    (t.FEATURES, one("panel"), t.PANELS, "id"),
    (t.IDENTITIES, one("id"), t.FEATURES, "id"),
    (t.CAPTIONS, one("id"), t.PANELS, "id"),
    (t.CAPTIONS, one("page_image"), t.PAGE_IMAGES, "id"),
    (t.SAMPLES, one("id"), t.PANELS, "id"),
    (t.SAMPLES, one("page_image"), t.PAGE_IMAGES, "id"),
    (t.SAMPLES, parts, t.CHARACTERS, "id"),
    (t.SAMPLES, lines, t.DIALOGS, "id"),
    (t.SAMPLES, people, t.IDENTITIES, "identity"),
]


def rows(plan: Plan, table: Table[Any]) -> list[Row]:
    return plan.workspace.read(table, ("_dataset",) if table.stage == "shard" else plan.slugs)


@pytest.mark.parametrize(
    ("child", "ids", "parent", "column"),
    FOREIGN,
    ids=[f"{child.name}-{i}-{parent.name}" for i, (child, _, parent, _) in enumerate(FOREIGN)],
)
def test_foreign_ids_exist(
    child: Table[Any], ids: Callable[[Row], list[str]], parent: Table[Any], column: str, clean: Plan
) -> None:
    named = {each for row in rows(clean, child) for each in ids(row)}
    known = {getattr(row, column) for row in rows(clean, parent)}
    assert named
    assert named <= known


@pytest.mark.parametrize(
    "table", [each for each in t.ALL if each is not t.CREDITS], ids=lambda table: table.name
)
def test_ids_are_unique_sorted_and_of_their_series(table: Table[Any], clean: Plan) -> None:
    found = [row.id for row in rows(clean, table)]
    assert found
    assert len(set(found)) == len(found)
    for slug in clean.slugs if table.stage != "shard" else ():
        inside = clean.workspace.read(table, [slug])
        assert [row.id for row in inside] == sorted(row.id for row in inside)
        assert {row.series for row in inside} == {series_of(row.id) for row in inside} == {slug}
        assert all(kind_of(row.id) != "unknown" for row in inside)


def test_the_manifest_names_everybody_of_a_drawn_series(clean: Plan) -> None:
    assert rows(clean, t.CREDITS) == []


def test_a_part_lies_in_a_panel_of_its_own_page_image(clean: Plan) -> None:
    for row in [*rows(clean, t.CHARACTERS), *rows(clean, t.DIALOGS)]:
        assert page_image_of(row.id) == row.page_image
        assert not row.panel or page_image_of(row.panel) == row.page_image
        assert bool(row.panel) == (row.placement != "outside")


def test_blobs_hold_what_pages_name(clean: Plan) -> None:
    for page in rows(clean, t.PAGES):
        assert sha256_of_bytes(clean.blobs.get(page.sha256)) == page.sha256


def test_two_boxes_of_a_panel_are_never_one_identity(clean: Plan) -> None:
    identities = {row.id: row.identity for row in rows(clean, t.IDENTITIES)}
    seats = [(c.panel, identities[c.id]) for c in rows(clean, t.CHARACTERS) if c.panel]
    assert len(set(seats)) == len(seats) > 20


def test_shards_hold_every_sample_once_and_the_index_describes_them(clean: Plan) -> None:
    folder = clean.workspace.shards_folder
    index = ShardIndex.model_validate_json((folder / "index.json").read_bytes())
    assert {path.name for path in folder.iterdir()} == {
        "index.json",
        "CREDITS.txt",
        *(f"{shard.id}.tar" for shard in index.shards),
    }
    assert list(index.shards) == rows(clean, t.SHARDS)
    samples = {sample.id: sample for sample in rows(clean, t.SAMPLES)}
    found: list[str] = []
    for shard in index.shards:
        path = folder / f"{shard.id}.tar"
        assert (sha256_of_file(path), path.stat().st_size) == (shard.sha256, shard.n_bytes)
        pages = pages_in(path)
        assert len(pages) == shard.pages
        for page in pages:
            assert page.split == shard.split
            assert all(panel == samples[panel.id] for panel in page.panels)
            found += [panel.id for panel in page.panels]
    assert sorted(found) == sorted(samples)
    assert index.panels == len(samples)
    assert index.by_split.keys() == {"train", "val"}
    assert index.attributions == ("Ink", "Reed")


def pages_in(path: object) -> list[ShardPage]:
    """The JSON members; each stands beside its picture, which has the size that it says."""
    with tarfile.open(str(path)) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    pages = []
    for name, content in members.items():
        if name.endswith(".json"):
            page = ShardPage.model_validate(json.loads(content))
            picture = members[f"{page.key}.jpg"]
            assert hashlib.sha256(picture).hexdigest() == page.picture_sha256
            assert decode(picture).shape[:2] == (page.height, page.width)
            assert [panel.order for panel in page.panels] == list(range(len(page.panels)))
            pages.append(page)
    assert len(members) == 2 * len(pages)
    return pages
