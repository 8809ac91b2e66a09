"""Which page images are shown: a few of every series, spread over its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from pipeline.core.errors import MissingPart
from pipeline.loader.raw import RawSample, read_pages, read_samples
from pipeline.loader.verify import read_index
from schemas.samples import ShardIndex, ShardPage


def chosen_samples(folder: Path, index: ShardIndex, limit: int) -> list[RawSample]:
    """At most `limit` samples by series, in reading order, read back from the tars.

    Shards mix the series, so reading stops at the first shards that hold enough of each.
    Raises BadItem for a damaged tar, MissingPart for one that is not there.
    """
    found = _enough_pages(folder, index, limit)
    pages = _spread([page for _, page in found], limit)
    keys = {page.key for page in pages}
    paths = sorted({path for path, page in found if page.key in keys})
    samples = {sample.page.key: sample for sample in read_samples(paths, keys)}
    return [samples[page.key] for page in pages]


def index_of(folder: Path) -> ShardIndex:
    """The index of the shards. Raises MissingPart where nothing was built yet."""
    if not (folder / "index.json").exists():
        raise MissingPart(f"no shards in {folder}: make them with mangazero run")
    return read_index(folder)


def _enough_pages(folder: Path, index: ShardIndex, limit: int) -> list[tuple[Path, ShardPage]]:
    series = {name for shard in index.shards for name in shard.series}
    wanted = -(-limit // max(1, len(series)))
    missing = dict.fromkeys(series, wanted)
    found: list[tuple[Path, ShardPage]] = []
    for shard in index.shards:
        if any(missing[name] > 0 for name in shard.series):
            for path, page in read_pages(folder / f"{shard.id}.tar"):
                found.append((path, page))
                missing[page.series] -= 1
    return found


def _spread(pages: Sequence[ShardPage], limit: int) -> list[ShardPage]:
    """Round robin over the series until the limit, each series evenly over its pages."""
    by_series: dict[str, list[ShardPage]] = {}
    for page in sorted(pages, key=lambda page: (page.series, page.order)):
        by_series.setdefault(page.series, []).append(page)
    in_turn = [page for row in zip_longest(*by_series.values()) for page in row if page][:limit]
    shares = {name: sum(page.series == name for page in in_turn) for name in by_series}
    return [page for name, some in by_series.items() for page in _evenly(some, shares[name])]


def _evenly(pages: Sequence[ShardPage], count: int) -> Iterator[ShardPage]:
    """`count` pages at equal steps, the first among them."""
    return (pages[i * len(pages) // count] for i in range(count))
