"""The shard stage against a plain copy of the same pages and against webdataset's own writer.

All of them read the same blobs and write one file that is synced to the disk, in turns within
one run, so that their ratios hold on a busy machine too. MB are those of the pages' files.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import BinaryIO

from webdataset import TarWriter

from benchmarks.clock import Cost, timed, typical
from benchmarks.report import Measured
from benchmarks.stand_ins import build_rows
from benchmarks.workspaces import Drawn, drawn_plan
from pipeline.core.engine import answer
from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs
from pipeline.core.tars import write_tar
from pipeline.manga.pictures import decode, encode_jpeg, join
from pipeline.stages.shard import PageSamples
from pipeline.wiring import Plan, shard_stage
from schemas.ids import shard_key
from schemas.pages import PageImage

NAME = "shard_speed"
WITHOUT_PICTURES = ("screen", "detect", "identify")
"""Stand-ins for these only: the pages are really drawn, fetched and decoded."""

WIDTH, HEIGHT = 1000, 1430
"""Pixels of a single page: its file is then about as large as a page of a scanned book."""


@dataclass(frozen=True)
class Size:
    """Single pages as they are, single pages that are joined, and turns."""

    pages: int = 200
    joined_pages: int = 60
    repeats: int = 5


@dataclass(frozen=True)
class _Load:
    """One shard's worth of page images, and where their bytes lie."""

    plan: Plan
    item: Item[tuple[PageSamples, ...]]

    @property
    def images(self) -> list[PageImage]:
        return [page.image for page in self.item.payload]

    def blobs(self, image: PageImage) -> list[Path]:
        names = [image.left_sha256, *([image.right_sha256] if image.is_double else [])]
        return [self.plan.workspace.blob_path(name) for name in names]

    @property
    def megabytes(self) -> float:
        return sum(path.stat().st_size for i in self.images for path in self.blobs(i)) / 1e6


def measure(size: Size, scratch: Path) -> Measured:
    """Single pages (original bytes go into the tar) and double ones (joined and encoded)."""
    loads = {"single_pages": (size.pages, False), "double_pages": (size.joined_pages, True)}
    figures: dict[str, object] = {}
    lines: list[tuple[str, str]] = []
    for name, (pages, joined) in loads.items():
        root = scratch / f"shards-{name}"
        shutil.rmtree(root, ignore_errors=True)
        load = _load(root, Drawn(1, pages, joined, WIDTH, HEIGHT))
        found = _figures(load, _in_turns(load, root, size.repeats))
        figures[name] = found
        lines += [(f"{name}: {what}", _told(value)) for what, value in found.items()]
        shutil.rmtree(root)
    settings = {"pages": size.pages, "joined_pages": size.joined_pages, "repeats": size.repeats}
    return Measured(NAME, {**settings, "width": WIDTH, "height": HEIGHT}, figures, lines)


def _load(root: Path, drawn: Drawn) -> _Load:
    plan = drawn_plan(root, drawn, target_bytes=10**12)
    build_rows(plan, plan.slugs[0], WITHOUT_PICTURES)
    stage = shard_stage(plan, plan.slugs)
    (item,) = stage.list_items(Inputs(plan.workspace, stage.scope))
    return _Load(plan, item)


def _in_turns(load: _Load, root: Path, repeats: int) -> dict[str, list[Cost]]:
    """Every writer once a turn; the first turn warms the caches and makes what others are given."""
    act = shard_stage(load.plan, load.plan.slugs).act
    tar = load.plan.workspace.shards_folder / f"{load.item.key}.tar"

    def ours() -> None:
        (outcome,) = answer(act, [load.item])
        if outcome.key != load.item.key or not isinstance(outcome, Kept):
            raise RuntimeError(f"the shard was not written: {outcome}")

    ours()
    members = _members_of(tar)
    writers: dict[str, Callable[[], object]] = {
        "shard_stage": ours,
        "plain_copy": lambda: _plain_copy(load, root / "copy"),
        "webdataset": lambda: _webdataset(load, members, root / "webdataset.tar"),
        "tar_writer_alone": lambda: write_tar(root / "alone.tar", members.items()),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in writers}
    for turn in range(repeats + 1):
        for name, write in writers.items():
            for made in (tar, *root.glob("*.tar"), root / "copy"):
                made.unlink(missing_ok=True)
            with timed() as cost:
                write()
            if turn:
                costs[name].append(cost)
    return costs


def _plain_copy(load: _Load, path: Path) -> None:
    """The pages' files one after the other into one file."""
    with path.open("wb") as stream:
        for image in load.images:
            for blob in load.blobs(image):
                with blob.open("rb") as page:
                    shutil.copyfileobj(page, stream)
        _sync(stream)


def _webdataset(load: _Load, members: dict[str, bytes], path: Path) -> None:
    """The same samples; their JSON is given ready, and pictures are joined with our encoder."""
    with path.open("wb") as stream:
        writer = TarWriter(stream)
        for image in load.images:
            key = shard_key(image.id)
            picture = _picture(load.blobs(image))
            writer.write({"__key__": key, "jpg": picture, "json": members[f"{key}.json"]})
        writer.close()
        _sync(stream)


def _picture(blobs: Sequence[Path]) -> bytes:
    contents = [blob.read_bytes() for blob in blobs]
    return contents[0] if len(contents) == 1 else encode_jpeg(join(*map(decode, contents)))


def _sync(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _members_of(tar: Path) -> dict[str, bytes]:
    """Name -> bytes, in the order of the tar."""
    members: dict[str, bytes] = {}
    with tarfile.open(tar, "r:") as stream:
        for member in stream:
            content = stream.extractfile(member)
            members[member.name] = content.read() if content else b""
    return members


def _figures(load: _Load, costs: dict[str, list[Cost]]) -> dict[str, object]:
    """Medians; a ratio is the median of the turns' own ratios, over 1 where the other is faster."""
    ours = costs["shard_stage"]
    megabytes = load.megabytes
    medians = {name: typical(each) for name, each in costs.items()}
    return {
        "page_images": len(load.images),
        "megabytes": round(megabytes, 1),
        "mb_per_s": {name: round(megabytes / cost.wall, 1) for name, cost in medians.items()},
        "cpu_s": {name: round(cost.cpu, 3) for name, cost in medians.items()},
        "times_as_long_as": {
            name: round(
                median(mine.wall / its.wall for mine, its in zip(ours, costs[name], strict=True)), 2
            )
            for name in ("plain_copy", "webdataset")
        },
    }


def _told(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)
