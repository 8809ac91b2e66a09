"""Stages with their dear parts left out: rows of real kind and number, and no picture opened.

What a stage does to an item is no part of its fingerprint, so what is built with stand-ins
stands for the stages as the wiring declares them: that is what a re-run is then asked about.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np

from pipeline.core.blobs import Blobs
from pipeline.core.engine import LocalEngine
from pipeline.core.hashing import sha256_of_bytes
from pipeline.core.outcome import Item, Kept
from pipeline.core.runner import run_stage
from pipeline.core.stage import Act, Stage
from pipeline.manga.annotate import annotate
from pipeline.manga.pictures import encode_jpeg
from pipeline.stages.identify import PageCharacters
from pipeline.stages.shard import shard
from pipeline.stages.tables import (
    CHARACTERS,
    DIALOGS,
    FEATURES,
    IDENTITIES,
    PAGES,
    PANELS,
    SCREENED,
)
from pipeline.wiring import SERIES_STAGES, Plan, series_stage
from schemas.boxes import Box
from schemas.detections import Detection, FoundCharacter, FoundDialog, FoundPanel
from schemas.identities import CropFeature, Identity
from schemas.ids import identity_id
from schemas.pages import Defect, Page, PageImage, PlannedPage, ScreenedPage

FEATURE_LENGTH: Final = 8
"""Shorter than the real ones: no stage reads that table again, and the journal stays small."""

CAST: Final = 40
"""Identities a series: enough that none is on every page."""


OPENING_PICTURES: Final = ("fetch", "screen", "detect", "identify")
"""The stages of a series that open pictures."""


def build_rows(plan: Plan, slug: str, stand_ins: Sequence[str] = OPENING_PICTURES) -> None:
    """Runs the stages of one series up to its samples, those named with their stand-ins."""
    engine = LocalEngine(0)
    for name in SERIES_STAGES:
        stage = series_stage(plan, plan.entry(slug), name)
        if name in stand_ins:
            stage = _stood_in(stage, plan, slug)
        run_stage(stage, plan.workspace, engine)


def build_empty_shards(plan: Plan) -> None:
    """The shards of all series with one small picture in place of every page."""
    blobs = _OnePicture(plan.workspace)
    stage = shard(plan.slugs, plan.workspace, blobs, plan.profile.shard)
    run_stage(replace(stage, in_processes=False), plan.workspace, LocalEngine(0))


@dataclass(frozen=True)
class _OnePicture(Blobs):
    """A blob store in which every sha256 names the same white picture."""

    def get(self, sha256: str) -> bytes:
        return _white()


@cache
def _white() -> bytes:
    return encode_jpeg(np.full((8, 8, 3), 255, dtype=np.uint8))


def _stood_in(stage: Stage, plan: Plan, slug: str) -> Stage:
    acts: dict[str, Act] = {
        "fetch": _Pages(*_page_size(plan, slug)),
        "screen": screened,
        "detect": annotated,
        "identify": featured,
    }
    return replace(stage, act=acts[stage.name], settle=None, in_processes=False, batch_size=200)


def _page_size(plan: Plan, slug: str) -> tuple[int, int]:
    source = plan.entry(slug).source
    assert source.kind == "synthetic", "the benchmarks draw their pages"
    return source.page_width, source.page_height


@dataclass(frozen=True)
class _Pages:
    """fetch without a fetch: a page's row, and no blob behind it. Size in pixels."""

    width: int
    height: int

    def __call__(self, batch: Sequence[Item[PlannedPage]]) -> Iterator[Kept]:
        for item in batch:
            planned = item.payload
            page = Page(
                id=planned.id,
                series=planned.series,
                chapter=planned.chapter,
                number=planned.number,
                order=planned.order,
                sha256=sha256_of_bytes(planned.id.encode()),
                n_bytes=250_000,
                media_type="image/jpeg",
                width=self.width,
                height=self.height,
                defect=Defect.NONE,
                locator=planned.locator,
                is_verified=False,
            )
            yield Kept(item.key, {PAGES.name: [page]})


def screened(batch: Sequence[Item[Page]]) -> Iterator[Kept]:
    """screen, on measures by lot."""
    for item in batch:
        page = item.payload
        dice = random.Random(page.id)
        row = ScreenedPage(
            **page.model_dump(include=set(ScreenedPage.model_fields)),
            chroma=0.0,
            ink=round(dice.uniform(0.05, 0.4), 5),
            dhash=dice.randbytes(32).hex(),
        )
        yield Kept(item.key, {SCREENED.name: [row]})


def annotated(batch: Sequence[Item[PageImage]]) -> Iterator[Kept]:
    """detect, by ruler: six panels a page image, each with a character and a dialog."""
    for item in batch:
        found = annotate(_ruled(item.payload), item.payload, "ruler", 0.5)
        rows = {
            PANELS.name: found.panels,
            CHARACTERS.name: found.characters,
            DIALOGS.name: found.dialogs,
        }
        yield Kept(item.key, rows)


def _ruled(image: PageImage) -> Detection:
    """Three rows of two panels; the parts move a little by lot, so that no two pages agree."""
    dice = random.Random(image.id)
    wide, high = image.width // 2, image.height // 3
    corners = [(column * wide, row * high) for row in range(3) for column in range(2)]
    panels = [_inside(corner, wide, high, dice.randint(5, 15)) for corner in corners]
    figures = [panel.grow(-dice.randint(60, 90), -dice.randint(60, 90)) for panel in panels]
    balloons = [figure.shift(dice.randint(-40, 40)) for figure in figures]
    return Detection(
        tuple(FoundPanel(box, dice.random()) for box in panels),
        tuple(FoundCharacter(box, None, dice.random(), "ruler") for box in figures),
        tuple(
            FoundDialog(box, box, f"{dice.randbytes(8).hex()}", dice.random(), "vertical")
            for box in balloons
        ),
    )


def _inside(corner: tuple[int, int], wide: int, high: int, gap: int) -> Box:
    x, y = corner
    return Box(x + gap, y + gap, x + wide - gap, y + high - gap)


def featured(batch: Sequence[Item[PageCharacters]]) -> Iterator[Kept]:
    """identify, with one feature for all and identities by lot."""
    feature = (FEATURE_LENGTH**-0.5,) * FEATURE_LENGTH
    for item in batch:
        dice = random.Random(item.key)
        rows = item.payload.characters
        features = [
            CropFeature(id=row.id, series=row.series, panel=row.panel, feature=feature)
            for row in rows
        ]
        identities = [
            Identity(
                id=row.id,
                series=row.series,
                identity=identity_id(row.series, dice.randrange(CAST)),
                status="proposed",
                cluster_size=CAST,
            )
            for row in rows
        ]
        yield Kept(item.key, {FEATURES.name: features, IDENTITIES.name: identities})
