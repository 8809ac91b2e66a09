"""Are the shards what their index says? For a copy that travelled, and before a training run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from pipeline.core.errors import BadItem
from pipeline.core.hashing import sha256_of_bytes, sha256_of_file
from pipeline.loader.raw import read_samples
from schemas.samples import Shard, ShardIndex

_COUNTS: Final = ("pages", "panels", "characters", "dialogs")


def verify_shards(folder: Path) -> list[str]:
    """One line a problem; none if every byte is as `index.json` says.

    Checked: each tar is there with its size and sha256, no tar is over, the counts of every
    shard and of the whole, each picture against its own sha256, no key twice.
    """
    try:
        index = read_index(folder)
    except BadItem as error:
        return [str(error)]
    problems = [problem for shard in index.shards for problem in _of_shard(folder, shard)]
    return [*problems, *_of_folder(folder, index)]


def read_index(folder: Path) -> ShardIndex:
    """The index beside the shards. Raises BadItem if it is not there or is none."""
    path = folder / "index.json"
    try:
        return ShardIndex.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadItem(f"{path}: there is no such file") from None
    except (ValidationError, UnicodeDecodeError) as error:
        raise BadItem(f"{path}: not an index: {str(error).splitlines()[0]}") from None


def _of_shard(folder: Path, shard: Shard) -> Iterator[str]:
    path = folder / f"{shard.id}.tar"
    if not path.is_file():
        yield f"{path.name}: missing"
        return
    n_bytes = path.stat().st_size
    if n_bytes != shard.n_bytes:
        yield f"{path.name}: {n_bytes} bytes, the index says {shard.n_bytes}"
    sha256 = sha256_of_file(path)
    if sha256 != shard.sha256:
        yield f"{path.name}: wrong sha256 {sha256[:12]}, the index says {shard.sha256[:12]}"
    try:
        yield from _of_samples(path, shard)
    except BadItem as error:
        yield str(error)


def _of_samples(path: Path, shard: Shard) -> Iterator[str]:
    counts = Counter[str]()
    seen: set[str] = set()
    for sample in read_samples(path):
        page = sample.page
        if page.key in seen:
            yield f"{path.name}: {page.key} twice"
        seen.add(page.key)
        if sha256_of_bytes(sample.picture) != page.picture_sha256:
            yield f"{path.name}: {page.key}.jpg is not the picture that its JSON names"
        counts["pages"] += 1
        counts["panels"] += len(page.panels)
        counts["characters"] += sum(len(panel.characters) for panel in page.panels)
        counts["dialogs"] += sum(len(panel.dialogs) for panel in page.panels)
    for name in _COUNTS:
        if counts[name] != getattr(shard, name):
            yield f"{path.name}: {counts[name]} {name}, the index says {getattr(shard, name)}"


def _of_folder(folder: Path, index: ShardIndex) -> Iterator[str]:
    listed = {f"{shard.id}.tar" for shard in index.shards}
    for path in sorted(folder.glob("*.tar")):
        if path.name not in listed:
            yield f"{path.name}: not in the index"
    for name in _COUNTS:
        total = sum(getattr(shard, name) for shard in index.shards)
        if total != getattr(index, name):
            yield f"index.json: {getattr(index, name)} {name}, its shards have {total}"
