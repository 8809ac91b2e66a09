"""Everything that the tables of a workspace say of one series, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar

from pipeline.core.tables import Table, not_kept_table
from pipeline.core.workspace import Workspace
from pipeline.manga.verdicts import fold
from pipeline.ports.verdict_log import read_verdicts
from pipeline.stages import tables
from pipeline.wiring import SERIES_STAGES
from schemas.detections import Character, Dialog, Panel
from schemas.identities import Identity, Verdict
from schemas.pages import Page, PageImage, PlannedPage, ScreenedPage
from schemas.receipts import NotKept, Receipt
from schemas.samples import Caption, Sample


class _Part(Protocol):
    @property
    def id(self) -> str: ...


Named = TypeVar("Named", bound=_Part)


@dataclass(frozen=True)
class SeriesRows:
    """The rows of one series by their id; a table that is not there has none."""

    workspace: Workspace
    slug: str

    @cached_property
    def planned(self) -> dict[str, PlannedPage]:
        return _by_id(self._read(tables.PLAN))

    @cached_property
    def pages(self) -> dict[str, Page]:
        return _by_id(self._read(tables.PAGES))

    @cached_property
    def screened(self) -> dict[str, ScreenedPage]:
        return _by_id(self._read(tables.SCREENED))

    @cached_property
    def images(self) -> dict[str, PageImage]:
        return _by_id(self._read(tables.PAGE_IMAGES))

    @cached_property
    def panels(self) -> dict[str, Panel]:
        return _by_id(self._read(tables.PANELS))

    @cached_property
    def characters(self) -> dict[str, Character]:
        return _by_id(self._read(tables.CHARACTERS))

    @cached_property
    def dialogs(self) -> dict[str, Dialog]:
        return _by_id(self._read(tables.DIALOGS))

    @cached_property
    def captions(self) -> dict[str, Caption]:
        return _by_id(self._read(tables.CAPTIONS))

    @cached_property
    def samples(self) -> dict[str, Sample]:
        return _by_id(self._read(tables.SAMPLES))

    @cached_property
    def proposals(self) -> dict[str, Identity]:
        """Character id -> what identify proposed."""
        return _by_id(self._read(tables.IDENTITIES))

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        return read_verdicts(self.workspace.verdicts_path(self.slug))

    @cached_property
    def identities(self) -> dict[str, Identity]:
        """Character id -> identity after the verdicts; junk boxes have none."""
        return fold(list(self.proposals.values()), self.verdicts)

    @cached_property
    def not_kept(self) -> dict[str, dict[str, NotKept]]:
        """Stage -> key of the item -> why it was dropped or failed."""
        return {
            stage: {row.key: row for row in self._read(not_kept_table(stage))}
            for stage in SERIES_STAGES
        }

    def receipt(self, stage: str) -> Receipt | None:
        return self.workspace.read_receipt(stage, self.slug)

    def image_of_page(self, page: str) -> PageImage | None:
        """The page image that shows a page."""
        return next((image for image in self.images.values() if page in image.pages), None)

    def all_ids(self) -> list[str]:
        """Every id that can be explained, sorted."""
        some: list[Iterable[str]] = [self.planned, self.images, self.panels]
        some += [self.characters, self.dialogs, {each.identity for each in self._all_identities()}]
        return sorted({each for ids in some for each in ids})

    def _all_identities(self) -> list[Identity]:
        return [*self.proposals.values(), *self.identities.values()]

    def _read(self, table: Table[Any]) -> list[Any]:
        return self.workspace.read(table, [self.slug])


def _by_id(rows: Sequence[Named]) -> dict[str, Named]:
    return {row.id: row for row in rows}
