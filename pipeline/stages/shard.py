"""shard: WebDataset tars, one sample a page image with all of its panels, and their index.

A page image of one page keeps its original bytes; two pages are joined once, by a fixed encoder.
The picture's field is always `jpg`, whatever the original was (readers look at the bytes, and
every sample must have the same fields); `picture_media_type` in the JSON says what it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.atomic import write_text
from pipeline.core.blobs import Blobs
from pipeline.core.hashing import canonical_json, sha256_of_bytes
from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.core.tars import write_tar
from pipeline.core.workspace import Workspace
from pipeline.manga.pictures import decode, encode_jpeg, join, media_type_of
from pipeline.manga.sharding import Placed, shard_plan
from pipeline.stages.tables import PAGE_IMAGES, SAMPLES, SHARDS
from schemas.ids import shard_key
from schemas.pages import PageImage
from schemas.profile import ShardParams
from schemas.record import Record
from schemas.samples import Sample, Shard, ShardIndex, ShardPage

FORMAT = "mangazero-pages/1"


class PageSamples(Record):
    """A page image with its panels, in reading order; there is at least one."""

    image: PageImage
    panels: tuple[Sample, ...]


@dataclass(frozen=True)
class _Write:
    blobs: Blobs
    workspace: Workspace

    def __call__(self, batch: Sequence[Item[tuple[PageSamples, ...]]]) -> Iterator[Kept]:
        for item in batch:
            path = self.workspace.shards_folder / f"{item.key}.tar"
            sha256, n_bytes = write_tar(path, self._members(item.payload))
            shard = _described(item.key, sha256, n_bytes, item.payload)
            yield Kept(item.key, {SHARDS.name: [shard]}, {self.workspace.relative(path): sha256})

    def _members(self, pages: Sequence[PageSamples]) -> Iterator[tuple[str, bytes]]:
        for page in pages:
            picture = self._picture(page.image)
            key = shard_key(page.image.id)
            yield f"{key}.jpg", picture
            yield f"{key}.json", canonical_json(_shard_page(page, key, picture)).encode()

    def _picture(self, image: PageImage) -> bytes:
        left = self.blobs.get(image.left_sha256)
        if not image.is_double:
            return left
        return encode_jpeg(join(decode(left), decode(self.blobs.get(image.right_sha256))))


@dataclass(frozen=True)
class _Finish:
    workspace: Workspace

    def __call__(self, kept: Sequence[Kept]) -> Mapping[str, int]:
        """Writes the index and the credits; removes shards no longer planned, and halves that a
        kill left."""
        shards = tuple(shard for each in kept for shard in each.of(SHARDS))
        folder = self.workspace.shards_folder
        index = _index(shards)
        texts = {
            folder / "index.json": index.model_dump_json(indent=1) + "\n",
            folder / "CREDITS.txt": credits_text(index.attributions),
        }
        for path, text in texts.items():
            write_text(path, text)
        planned = {f"{shard.id}.tar" for shard in shards}
        for stale in [*folder.glob("pages-*.tar"), *folder.glob(".*.part")]:
            if stale.name not in planned:
                stale.unlink()
        return {self.workspace.relative(path): len(text.encode()) for path, text in texts.items()}


def credits_text(attributions: Sequence[str]) -> str:
    """Everybody who has to be named wherever these pages go, a line each."""
    return "\n".join(["Who made and brought the pages of this dataset:", "", *attributions, ""])


def shard(series: Sequence[str], workspace: Workspace, blobs: Blobs, params: ShardParams) -> Stage:
    """The stage over all series: an item is a shard."""

    def list_items(inputs: Inputs) -> list[Item[tuple[PageSamples, ...]]]:
        return _list_items(inputs, params)

    return Stage(
        name="shard",
        version=2,
        scope=Scope.dataset(series),
        params=params,
        reads=(PAGE_IMAGES, SAMPLES),
        writes=(SHARDS,),
        list_items=list_items,
        act=_Write(blobs, workspace),
        finish=_Finish(workspace),
        in_processes=True,
    )


def _list_items(inputs: Inputs, params: ShardParams) -> list[Item[tuple[PageSamples, ...]]]:
    samples: dict[str, list[Sample]] = {}
    for sample in sorted(inputs.rows(SAMPLES), key=lambda sample: sample.order):
        samples.setdefault(sample.page_image, []).append(sample)
    pages = {
        image.id: PageSamples(image=image, panels=tuple(samples[image.id]))
        for image in inputs.rows(PAGE_IMAGES)
        if image.id in samples
    }
    placed = [
        Placed(page.image.id, page.panels[0].split, page.image.width, page.image.height)
        for page in pages.values()
    ]
    plan = shard_plan(placed, params.target_bytes, params.seed)
    return [Item(name, tuple(pages[key] for key in keys)) for name, keys in plan.items()]


def _shard_page(page: PageSamples, key: str, picture: bytes) -> ShardPage:
    image, first = page.image, page.panels[0]
    return ShardPage(
        key=key,
        page_image=image.id,
        series=image.series,
        chapter=image.chapter,
        order=image.order,
        split=first.split,
        width=image.width,
        height=image.height,
        x_offset=image.x_offset,
        is_double=image.is_double,
        direction=image.direction,
        language=first.language,
        title=first.title,
        licence=first.licence,
        attribution=first.attribution,
        left_page=image.left_page,
        right_page=image.right_page,
        left_sha256=image.left_sha256,
        right_sha256=image.right_sha256,
        picture_sha256=sha256_of_bytes(picture) if image.is_double else image.left_sha256,
        picture_media_type=media_type_of(picture),
        picture_is_original=not image.is_double,
        panels=page.panels,
    )


def _described(name: str, sha256: str, n_bytes: int, pages: Sequence[PageSamples]) -> Shard:
    panels = [panel for page in pages for panel in page.panels]
    return Shard(
        id=name,
        split=panels[0].split,
        sha256=sha256,
        n_bytes=n_bytes,
        pages=len(pages),
        panels=len(panels),
        characters=sum(len(panel.characters) for panel in panels),
        dialogs=sum(len(panel.dialogs) for panel in panels),
        series=tuple(sorted({panel.series for panel in panels})),
        licences=tuple(sorted({panel.licence for panel in panels})),
        attributions=tuple(sorted({panel.attribution for panel in panels})),
    )


def _index(shards: Sequence[Shard]) -> ShardIndex:
    by_split = Counter[str]()
    for each in shards:
        by_split[each.split] += each.pages
    return ShardIndex(
        format=FORMAT,
        shards=tuple(sorted(shards, key=lambda each: each.id)),
        pages=sum(each.pages for each in shards),
        panels=sum(each.panels for each in shards),
        characters=sum(each.characters for each in shards),
        dialogs=sum(each.dialogs for each in shards),
        by_split=dict(sorted(by_split.items())),
        licences=tuple(sorted({licence for each in shards for licence in each.licences})),
        attributions=tuple(sorted({name for each in shards for name in each.attributions})),
    )
