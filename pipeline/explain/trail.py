"""The way of a page and of a page image through the stages, up to where it was lost."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.explain.explanation import SourceFile, Step, first_loss
from pipeline.explain.series_rows import SeriesRows
from pipeline.loader.raw import shard_of
from pipeline.stages.tables import SHARDS
from schemas.ids import shard_key
from schemas.pages import PageImage
from schemas.receipts import DATASET_SCOPE


def sources_of(rows: SeriesRows, pages: Sequence[str]) -> tuple[SourceFile, ...]:
    """Locator and sha256 of the pages given."""
    return tuple(
        SourceFile(
            page,
            rows.planned[page].locator if page in rows.planned else "",
            rows.pages[page].sha256 if page in rows.pages else "",
        )
        for page in pages
    )


def page_steps(rows: SeriesRows, page: str) -> tuple[Step, ...]:
    """resolve to pair, then the way of the page image that shows the page."""
    image = rows.image_of_page(page)
    steps = [
        step_of(rows, "resolve", page, _planned(rows, page)),
        step_of(rows, "fetch", page, _fetched(rows, page)),
        step_of(rows, "screen", page, _screened(rows, page)),
        step_of(rows, "pair", page, f"shown by {image.id}" if image else ""),
    ]
    later = image_steps(rows, image) if image else ()
    return up_to_loss([*steps, *later])


def image_steps(rows: SeriesRows, image: PageImage) -> tuple[Step, ...]:
    """detect to shard for a page image."""
    n_panels = sum(panel.page_image == image.id for panel in rows.panels.values())
    n_characters = sum(each.page_image == image.id for each in rows.characters.values())
    n_dialogs = sum(dialog.page_image == image.id for dialog in rows.dialogs.values())
    n_captions = sum(caption.page_image == image.id for caption in rows.captions.values())
    n_samples = sum(sample.page_image == image.id for sample in rows.samples.values())
    found = f"{n_panels} panels, {n_characters} characters, {n_dialogs} dialogs"
    steps = [step_of(rows, "detect", image.id, found if rows.receipt("detect") else "")]
    if n_characters:
        proposed = f"{n_characters} identities proposed" if rows.receipt("identify") else ""
        steps.append(step_of(rows, "identify", image.id, proposed))
    if n_panels:
        steps.append(step_of(rows, "caption", image.id, _some(n_captions, "captions")))
    steps.append(step_of(rows, "assemble", image.id, _some(n_samples, "samples")))
    return up_to_loss([*steps, shard_step(rows, image.id)])


def shard_step(rows: SeriesRows, page_image: str) -> Step:
    """The tar that holds the page image, found in the tars themselves."""
    folder = rows.workspace.shards_folder
    paths = [
        path
        for shard in rows.workspace.read(SHARDS, [DATASET_SCOPE])
        if rows.slug in shard.series and (path := folder / f"{shard.id}.tar").is_file()
    ]
    holder = shard_of(paths, shard_key(page_image))
    if holder is None:
        return Step("shard", "waits", "in no shard yet")
    return Step("shard", "kept", f"{holder.name}, sample {shard_key(page_image)}")


def step_of(rows: SeriesRows, stage: str, key: str, says: str) -> Step:
    """What became of the item `key`: lost for a reason, kept if there is something to say."""
    lost = rows.not_kept[stage].get(key)
    if lost is not None:
        told = f"{lost.reason}: {lost.detail}" if lost.detail else lost.reason
        return Step(stage, lost.status, told)
    return Step(stage, "kept", says) if says else Step(stage, "waits", "not done yet")


def up_to_loss(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, without those after a loss: they never happened."""
    loss = first_loss(steps)
    return tuple(steps[: steps.index(loss) + 1] if loss else steps)


def _planned(rows: SeriesRows, page: str) -> str:
    planned = rows.planned.get(page)
    if planned is None:
        return ""
    before = sum(each.order < planned.order for each in rows.planned.values())
    return f"page {planned.number} of chapter {planned.chapter}, {before} pages before it"


def _fetched(rows: SeriesRows, page: str) -> str:
    got = rows.pages.get(page)
    return f"{got.width} x {got.height} {got.media_type}, {got.n_bytes} bytes" if got else ""


def _screened(rows: SeriesRows, page: str) -> str:
    passed = rows.screened.get(page)
    return f"passed: chroma {passed.chroma:.4f}, ink {passed.ink:.4f}" if passed else ""


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count else ""
