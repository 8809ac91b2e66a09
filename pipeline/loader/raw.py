"""Samples straight from the tars, with the standard library and Pillow alone."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from pydantic import ValidationError

from pipeline.core.errors import BadItem, MissingPart
from schemas.samples import ShardPage

PICTURE, WORDS = "jpg", "json"
"""The two fields of every sample."""


@dataclass(frozen=True)
class RawSample:
    """A page image with all of its panels. `picture` holds the bytes as they lie in the tar."""

    page: ShardPage
    picture: bytes
    shard: Path

    def decode(self) -> Image.Image:
        """The picture in RGB, page.width x page.height; boxes are in its pixels.

        Transparency is laid on white paper. Raises BadItem for bytes that are no picture.
        """
        try:
            image: Image.Image = Image.open(io.BytesIO(self.picture))
            image.load()
        except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
            raise BadItem(f"{self.shard.name}: {self.page.key}.{PICTURE}: {error}") from error
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            clear = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
        return image.convert("RGB")


def shard_paths(where: Path | Iterable[Path]) -> list[Path]:
    """The tars of a folder, sorted, or those given. Raises MissingPart where there is none."""
    if not isinstance(where, Path):
        return list(where)
    paths = sorted(where.glob("pages-*.tar")) if where.is_dir() else [where]
    if not paths or not paths[0].exists():
        raise MissingPart(f"no shards in {where}: make them with mangazero run")
    return paths


def read_samples(
    where: Path | Iterable[Path], keys: Container[str] | None = None
) -> Iterator[RawSample]:
    """The samples of a folder of shards, or of the tars given, in the order in which they lie.

    With `keys`, only those samples; the pictures of the others are skipped, not read.
    Raises MissingPart where there is no shard, BadItem for a tar that is damaged.
    """
    for path in shard_paths(where):
        for key, members in _samples(path):
            if keys is None or key in keys:
                yield RawSample(members.page(), members.content(PICTURE), path)


def read_pages(where: Path | Iterable[Path]) -> Iterator[tuple[Path, ShardPage]]:
    """Every sample's JSON with the tar that it lies in; no picture is read. Raises as above."""
    for path in shard_paths(where):
        for _, members in _samples(path):
            yield path, members.page()


def shard_of(where: Path | Iterable[Path], key: str) -> Path | None:
    """The tar that holds the sample of that key, found by headers alone. Raises as above."""
    for path in shard_paths(where):
        if any(found == key for found, _ in _samples(path)):
            return path
    return None


@dataclass(frozen=True)
class _Members:
    """The members of one sample, by field; read when asked, while the tar is open."""

    shard: Path
    key: str
    tar: tarfile.TarFile
    by_field: dict[str, tarfile.TarInfo]

    def content(self, field: str) -> bytes:
        member = self.by_field.get(field)
        stream = self.tar.extractfile(member) if member else None
        if stream is None:
            raise BadItem(f"{self.shard.name}: {self.key} has no member .{field}")
        return stream.read()

    def page(self) -> ShardPage:
        try:
            return ShardPage.model_validate_json(self.content(WORDS))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise BadItem(
                f"{self.shard.name}: {self.key}.{WORDS}: {where}: {first['msg']}"
            ) from None


def _samples(path: Path) -> Iterator[tuple[str, _Members]]:
    """Neighbouring members of one key, as webdataset groups them."""
    try:
        with tarfile.open(path, "r:") as tar:
            for key, members in groupby(tar, key=lambda member: member.name.partition(".")[0]):
                by_field = {member.name.partition(".")[2]: member for member in members}
                yield key, _Members(path, key, tar, by_field)
    except tarfile.TarError as error:
        raise BadItem(f"{path}: not a whole tar ({error}): run again to make it anew") from error
