"""How well the workspace's detections and identities agree with the series that were drawn.

Only drawn series have a truth. Figures on drawn pages say that the pipeline works; they say
little about real pages, which `pipeline.evaluation_on_pages` measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pipeline.core.tables import Table
from pipeline.manga.identity_scoring import IdentityScore, identity_score, match_characters
from pipeline.manga.metrics import match_boxes
from pipeline.manga.page_scores import PageScore, Share, total
from pipeline.manga.scoring import PageLabels, findings_of, score_page
from pipeline.ports.drawn import DrawnSource, spec_of
from pipeline.stages.tables import CHARACTERS, DIALOGS, IDENTITIES, PAGE_IMAGES, PANELS, SAMPLES
from pipeline.wiring import Plan
from schemas.boxes import Box
from schemas.detections import Character, Dialog, Panel
from schemas.pages import PageImage
from schemas.series import SyntheticSource
from schemas.truth import TruthCharacter, TruthDialog, TruthPage

LARGE_FACE_PX: Final = 40
"""Width from which a drawn face counts as large: smaller ones defeat most face detectors."""

_OnImage = TypeVar("_OnImage", Panel, Character, Dialog)


@dataclass(frozen=True, slots=True)
class DrawnTruth:
    """What was drawn on a page image, in its own pixels, parts in reading order."""

    labels: PageLabels
    characters: tuple[TruthCharacter, ...]

    @property
    def faces(self) -> tuple[Box, ...]:
        return self.labels.faces or ()


@dataclass(frozen=True, slots=True)
class SampleAccuracy:
    """All drawn series of a workspace together. `score.faces` knows every drawn face."""

    series: tuple[str, ...]
    page_images: int
    score: PageScore
    large_faces: Share
    identities: IdentityScore | None
    identities_in_samples: int


@dataclass(frozen=True, slots=True)
class _ImageRows:
    image: PageImage
    panels: Sequence[Panel]
    characters: Sequence[Character]
    dialogs: Sequence[Dialog]


def sample_accuracy(plan: Plan) -> SampleAccuracy | None:
    """The workspace against the truth; None where no drawn series has been detected yet.

    Reads tables only: no page is drawn, no detector is opened.
    """
    workspace = plan.workspace
    drawn = [slug for slug in drawn_series(plan) if workspace.read_receipt("detect", slug)]
    if not drawn:
        return None
    scores: list[PageScore] = []
    large = Share(0, 0)
    pairs: list[tuple[str, str]] = []
    for slug in drawn:
        proposed = {row.id: row.identity for row in workspace.read(IDENTITIES, [slug])}
        source = _source(plan, slug)
        for rows in _rows_of(plan, slug):
            truth = drawn_truth(rows.image, source)
            found = findings_of(rows.panels, rows.characters, rows.dialogs)
            scores.append(score_page(found, truth.labels))
            large += _large_faces(found.faces, truth.faces)
            pairs += _identity_pairs(rows.characters, truth.characters, proposed)
    samples = workspace.read(SAMPLES, drawn)
    in_samples = {who.identity for sample in samples for who in sample.characters}
    return SampleAccuracy(
        series=tuple(drawn),
        page_images=len(scores),
        score=total(scores),
        large_faces=large,
        identities=identity_score(pairs),
        identities_in_samples=len(in_samples - {""}),
    )


def drawn_series(plan: Plan) -> list[str]:
    """The slugs of the plan's series that the project draws itself."""
    return [e.slug for e in plan.manifest.series if isinstance(e.source, SyntheticSource)]


def drawn_truth(image: PageImage, source: DrawnSource) -> DrawnTruth:
    """The truth of one or two pages in the pixels of their page image, signs left out.

    The page that is read first comes first: the right one where reading is right to left.
    """
    halves = [(source.truth(image.left_page), 0)]
    if image.is_double:
        halves.append((source.truth(image.right_page), image.x_offset))
    if image.direction == "rtl":
        halves.reverse()
    characters = tuple(each for truth, dx in halves for each in _characters(truth, dx))
    labels = PageLabels(
        panels=tuple(box for truth, dx in halves for box in _panels(truth, dx)),
        regions=tuple(d.box.shift(dx) for truth, dx in halves for d in _spoken(truth)),
        transcript="\n".join(truth.transcript for truth, _ in halves),
        faces=tuple(Box(*each.face) for each in characters if each.face is not None),
    )
    return DrawnTruth(labels, characters)


def _panels(truth: TruthPage, dx: int) -> list[Box]:
    in_order = sorted(truth.panels, key=lambda panel: panel.order)
    return [panel.box.shift(dx) for panel in in_order]


def _spoken(truth: TruthPage) -> list[TruthDialog]:
    return [dialog for dialog in truth.dialogs if dialog.kind != "sign"]


def _characters(truth: TruthPage, dx: int) -> Iterator[TruthCharacter]:
    for each in truth.characters:
        face = None if each.face is None else tuple(Box(*each.face).shift(dx))
        yield each.model_copy(update={**each.box.shift(dx)._asdict(), "face": face})


def _source(plan: Plan, slug: str) -> DrawnSource:
    entry = plan.entry(slug)
    if not isinstance(entry.source, SyntheticSource):
        raise TypeError(f"{slug} is not drawn")
    return DrawnSource(spec_of(entry, entry.source), entry.page_cap)


def _rows_of(plan: Plan, slug: str) -> Iterator[_ImageRows]:
    panels = _by_image(plan, PANELS, slug)
    characters = _by_image(plan, CHARACTERS, slug)
    dialogs = _by_image(plan, DIALOGS, slug)
    for image in plan.workspace.read(PAGE_IMAGES, [slug]):
        yield _ImageRows(
            image,
            panels.get(image.id, []),
            characters.get(image.id, []),
            dialogs.get(image.id, []),
        )


def _by_image(plan: Plan, table: Table[_OnImage], slug: str) -> dict[str, list[_OnImage]]:
    rows: dict[str, list[_OnImage]] = {}
    for row in plan.workspace.read(table, [slug]):
        rows.setdefault(row.page_image, []).append(row)
    return rows


def _large_faces(found: Sequence[Box], truth: Sequence[Box]) -> Share:
    hit = {t for _, t in match_boxes(found, truth, 0.5)}
    large = [i for i, face in enumerate(truth) if face.width >= LARGE_FACE_PX]
    return Share(len(hit.intersection(large)), len(large))


def _identity_pairs(
    found: Sequence[Character], truth: Sequence[TruthCharacter], proposed: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Proposed and drawn identity of every found character that is a drawn one."""
    theirs = [(each.box, None if each.face is None else Box(*each.face)) for each in truth]
    for mine, drawn in match_characters([(each.box, each.face) for each in found], theirs):
        character = found[mine]
        if character.id in proposed:
            yield proposed[character.id], f"{character.series}/{truth[drawn].identity}"
