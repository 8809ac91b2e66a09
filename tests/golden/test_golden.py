"""Bytes and digests that must not change by accident: others hold files made with them.

A change here is a change of format. If it is meant, raise the version that names it (a stage's
version, the shards' FORMAT) and put the new value in.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.core.hashing import digest_of
from pipeline.core.journal import Journal, entry_of
from pipeline.core.outcome import Dropped, Item, Kept
from pipeline.core.stage import Scope, Stage
from pipeline.core.tars import write_tar
from pipeline.manga.screening import measure
from pipeline.manga.sharding import Placed, shard_plan
from pipeline.stages.shard import FORMAT
from pipeline.stages.tables import PAGES, PLAN
from schemas.ids import panel_id, shard_key
from schemas.pages import PlannedPage
from schemas.receipts import ModelPin

PLANNED = PlannedPage(
    id="ink/c0001/p001",
    series="ink",
    chapter="c0001",
    chapter_title="第1話",
    number=1,
    order=0,
    locator="第1話/001.png",
    stamp="7",
)


def test_digests_of_values() -> None:
    assert digest_of([1, "a", None, 0.1]) == (
        "3b29a4efbe638cb4b032fc3f61bfba0ed21a1f55f7f6e0b77124810a47d8fac0"
    )
    assert Item("k", PLANNED).digest == (
        "f4bad44223e1c66d420b5ccb581a51fdcac27bce993ff5c1555e46d8bf602abe"
    )


def test_the_fingerprint_of_a_stage() -> None:
    """Workspaces of earlier versions stand only as long as this does."""
    stage = Stage(
        name="fetch",
        version=1,
        scope=Scope.one("ink"),
        params=PLANNED,
        reads=(PLAN,),
        writes=(PAGES,),
        list_items=lambda _: [],
        act=lambda _: [],
        models=(ModelPin(name="m", revision="1"),),
        inputs={"listing": "x"},
    )
    assert stage.config == "3ac375ee092eb637ffbb074030358183efb523a396460b6d7a9ed4fe114486a0"
    assert stage.fingerprint({"tables/a": "0"}) == (
        "4d6608c87396d91b51e5e8992d9ed786dac697c60d60ff3b784388da750118e4"
    )


def test_the_bytes_of_a_tar(tmp_path: Path) -> None:
    """USTAR, time 0, owner 0, mode 644, blocks of 10 KiB."""
    sha256, n_bytes = write_tar(tmp_path / "a.tar", [("a_b.jpg", b"\xff\xd8"), ("a_b.json", b"{}")])
    assert n_bytes == 10240
    assert sha256 == "ffec4b5abe79434b387bcaf970b606910cedeff09b103abad58643207121f493"


def test_the_lines_of_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    with Journal(path) as journal:
        journal.append(entry_of(Kept("a", {"plan": [PLANNED]}, {"shards/x.tar": "0"}), "d"))
        journal.append(entry_of(Dropped("b", "tiny", "3 x 4"), "d"))
    assert path.read_text("utf-8") == (
        '["a","d","kept",{"plan":[{"id":"ink/c0001/p001","series":"ink","chapter":"c0001",'
        '"chapter_title":"第1話","number":1,"order":0,"locator":"第1話/001.png","stamp":"7"}]},'
        '{"shards/x.tar":"0"},"",""]\n'
        '["b","d","dropped",{},{},"tiny","3 x 4"]\n'
    )


def test_which_page_goes_to_which_shard() -> None:
    pages = [Placed(f"ink/c0001/p{n:03d}", "train", 100, 100) for n in range(8)]
    plan = shard_plan(pages, 8000, 0)
    assert {name: "".join(key[-1] for key in keys) for name, keys in plan.items()} == {
        "pages-train-00001": "7254",
        "pages-train-00002": "13",
        "pages-train-00003": "06",
    }


def test_measures_of_a_picture() -> None:
    """A ramp and a disc: chroma, ink and the difference hash, on which near copies are judged."""
    y, x = np.mgrid[0:600, 0:400]
    grey = (255 - x * 0.4 - 200 * ((x - 150) ** 2 + (y - 300) ** 2 < 8000)).clip(0, 255)
    found = measure(np.stack([grey] * 3, axis=-1).astype(np.uint8))
    assert (found.chroma, found.ink) == (0.0, 0.17439)
    assert found.dhash == ("00000000000000000000030001c000e000e001c0030000000000000000000000")


def test_names() -> None:
    assert FORMAT == "mangazero-pages/1"
    assert panel_id("ink/c0001/p001-002", 3) == "ink/c0001/p001-002/panel03"
    assert shard_key("ink/c0001/p001-002") == "ink_c0001_p001-002"
