"""assemble: everything that is known of a panel in one row, with people's verdicts folded in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pipeline.core.errors import BadItem
from pipeline.core.hashing import digest_of
from pipeline.core.outcome import Dropped, Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.manga.verdicts import fold
from pipeline.stages.tables import (
    CAPTIONS,
    CHARACTERS,
    CREDITS,
    DIALOGS,
    IDENTITIES,
    PAGE_IMAGES,
    PANELS,
    SAMPLES,
)
from schemas.detections import Character, Dialog, Panel
from schemas.identities import Identity, Verdict
from schemas.pages import Direction, PageImage
from schemas.record import Record
from schemas.samples import Caption, Sample, SampleCharacter, SampleDialog
from schemas.series import Split

Part = TypeVar("Part", bound=Panel | Character | Dialog | Caption)


class DropReason(StrEnum):
    """Why a page image gives no sample."""

    NO_PANELS = "no_panels"


class SeriesTerms(Record):
    """What every row of the series says about itself."""

    title: str
    language: str
    direction: Direction
    licence: str
    attribution: str
    split: Split


class PageContent(Record):
    """A page image and all that was found on it, identities after the verdicts."""

    image: PageImage
    panels: tuple[Panel, ...]
    characters: tuple[Character, ...]
    dialogs: tuple[Dialog, ...]
    captions: tuple[Caption, ...]
    identities: tuple[Identity, ...]
    credit: str = ""


@dataclass(frozen=True)
class _Assemble:
    terms: SeriesTerms

    def __call__(self, batch: Sequence[Item[PageContent]]) -> Iterator[Kept | Dropped]:
        for item in batch:
            page = item.payload
            if page.panels:
                yield Kept(item.key, {SAMPLES.name: [self._sample(p, page) for p in page.panels]})
            else:
                yield Dropped(item.key, DropReason.NO_PANELS)

    def _sample(self, panel: Panel, page: PageContent) -> Sample:
        caption = next((each for each in page.captions if each.id == panel.id), None)
        if caption is None:
            raise BadItem(f"{panel.id}: no caption yet")
        return Sample(
            id=panel.id,
            series=panel.series,
            chapter=page.image.chapter,
            page_image=panel.page_image,
            order=panel.order,
            confidence=panel.confidence,
            is_uncertain=panel.is_uncertain,
            caption=caption.text,
            caption_source=caption.source,
            characters=_characters(panel, page),
            dialogs=_dialogs(panel, page),
            detector=panel.detector,
            **panel.box._asdict(),
            **dict(self.terms) | {"attribution": self._attribution(page)},
        )

    def _attribution(self, page: PageContent) -> str:
        return "; ".join(filter(None, (self.terms.attribution, page.credit)))


def assemble(series: str, terms: SeriesTerms, verdicts: Sequence[Verdict]) -> Stage:
    """The stage for one series: an item is a page image."""

    def list_items(inputs: Inputs) -> list[Item[PageContent]]:
        return _list_items(inputs, verdicts)

    return Stage(
        name="assemble",
        version=2,
        scope=Scope.one(series),
        params=terms,
        reads=(PAGE_IMAGES, PANELS, CHARACTERS, DIALOGS, CAPTIONS, IDENTITIES, CREDITS),
        writes=(SAMPLES,),
        list_items=list_items,
        act=_Assemble(terms),
        inputs={"verdicts": digest_of(list(verdicts))},
        batch_size=50,
    )


def _list_items(inputs: Inputs, verdicts: Sequence[Verdict]) -> list[Item[PageContent]]:
    identities = fold(inputs.rows(IDENTITIES), verdicts)
    panels = _by_page_image(inputs.rows(PANELS))
    characters = _by_page_image(inputs.rows(CHARACTERS))
    dialogs = _by_page_image(inputs.rows(DIALOGS))
    captions = _by_page_image(inputs.rows(CAPTIONS))
    credits = {credit.chapter: credit.line for credit in inputs.rows(CREDITS)}
    return [
        Item(
            image.id,
            PageContent(
                image=image,
                panels=panels.get(image.id, ()),
                characters=characters.get(image.id, ()),
                dialogs=dialogs.get(image.id, ()),
                captions=captions.get(image.id, ()),
                identities=_identities(characters.get(image.id, ()), identities),
                credit=credits.get(image.chapter, ""),
            ),
        )
        for image in inputs.rows(PAGE_IMAGES)
    ]


def _by_page_image(rows: Sequence[Part]) -> dict[str, tuple[Part, ...]]:
    found: dict[str, list[Part]] = {}
    for row in rows:
        found.setdefault(row.page_image, []).append(row)
    return {page_image: tuple(inside) for page_image, inside in found.items()}


def _identities(
    characters: Sequence[Character], identities: Mapping[str, Identity]
) -> tuple[Identity, ...]:
    return tuple(identities[c.id] for c in characters if c.id in identities)


def _characters(panel: Panel, page: PageContent) -> tuple[SampleCharacter, ...]:
    """The panel's characters; boxes that people called junk are not among them."""
    identities = {identity.id: identity for identity in page.identities}
    return tuple(
        SampleCharacter(
            id=character.id,
            identity=identities[character.id].identity,
            identity_status=identities[character.id].status,
            has_face=character.face is not None,
            confidence=character.confidence,
            **character.box._asdict(),
        )
        for character in page.characters
        if character.panel == panel.id and character.id in identities
    )


def _dialogs(panel: Panel, page: PageContent) -> tuple[SampleDialog, ...]:
    return tuple(
        SampleDialog(
            id=dialog.id,
            text=dialog.text,
            orientation=dialog.orientation,
            confidence=dialog.confidence,
            **dialog.box._asdict(),
        )
        for dialog in sorted(page.dialogs, key=lambda dialog: dialog.order)
        if dialog.panel == panel.id
    )
