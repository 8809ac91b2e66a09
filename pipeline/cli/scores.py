"""Scores as text: rows of (name, value) and lines that any command or flow can print."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.evaluation import LARGE_FACE_PX, SampleAccuracy
from pipeline.evaluation_on_pages import DetectorReport, PageResult
from pipeline.manga.metrics import Score
from pipeline.manga.page_scores import FaceScore, OrderScore, Share

Row = tuple[str, str]

PAGE_COLUMNS = (
    "page",
    "panels .5 P/R/F1",
    "panels .75 P/R/F1",
    "order",
    "regions",
    "lettering",
    "letters",
    "balloons",
    "faces P",
    "unsure",
    "s",
)
_ABSENT = "-"


def lines(accuracy: SampleAccuracy) -> list[str]:
    """The short table of `make shards`, a line each."""
    return [
        f"Accuracy against what was drawn ({', '.join(accuracy.series)}; "
        f"{accuracy.page_images} page images; real pages are harder):",
        *aligned(sample_rows(accuracy)),
    ]


def aligned(rows: Sequence[Row]) -> list[str]:
    """The rows as lines, values in one column."""
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:<{width}}  {value}" for name, value in rows]


def sample_rows(accuracy: SampleAccuracy) -> list[Row]:
    """What a drawn workspace got right."""
    score, faces, who = accuracy.score, accuracy.score.faces, accuracy.identities
    found = faces.found if faces else None
    n_found = faces.precision.whole if faces else 0
    no_face = "; no face at all: is there a face environment?"
    rows = [
        ("panels, IoU 0.5", _detection(score.panels)),
        ("reading order", _order(score.order)),
        ("dialogs found", _share(score.regions)),
        ("characters of text read", _share(score.letters)),
        ("faces found", _share(found) + ("" if n_found else no_face)),
        (f"faces of {LARGE_FACE_PX} px or wider found", _share(accuracy.large_faces)),
        ("found faces that are faces", _share(faces.precision if faces else None)),
    ]
    if who is None:
        rows.append(("identities", "none proposed for a drawn character"))
    else:
        told = f"{who.clusters} proposals for {who.matched} appearances of {who.drawn} characters"
        cubed = (who.b_cubed_precision, who.b_cubed_recall, who.b_cubed_f1)
        rows += [
            ("identities, purity", f"{who.purity:.3f} ({told})"),
            ("identities, B-cubed", "P {:.3f}  R {:.3f}  F1 {:.3f}".format(*cubed)),
        ]
    return [*rows, ("identities in the samples", str(accuracy.identities_in_samples))]


def detector_rows(report: DetectorReport) -> list[Row]:
    """The totals of a detector over all pages."""
    score = report.total
    unread = f", {report.unread} of them not read" if report.unread else ""
    return [
        ("pages", f"{len(report.pages)}{unread}"),
        ("panels, IoU 0.5", _detection(score.panels)),
        ("panels, IoU 0.75", _detection(score.panels_strict)),
        ("reading order", _order(score.order)),
        ("uncertain panels", str(score.uncertain_panels)),
        ("text regions found", _share(score.regions)),
        ("found lettering in a region", _share(score.lettering)),
        ("characters of text read", _share(score.letters)),
        ("balloons, IoU 0.5", _detection(score.balloons)),
        *_listed_faces(score.faces),
        ("seconds a page", f"{report.seconds_a_page:.1f}"),
    ]


def page_cells(page: PageResult) -> tuple[str, ...]:
    """One page under `PAGE_COLUMNS`."""
    score = page.score
    return (
        page.key,
        _three(score.panels),
        _three(score.panels_strict),
        _order_cell(score.order),
        _value(score.regions),
        _value(score.lettering),
        _value(score.letters),
        f"{score.balloons.f1:.2f}" if score.balloons else _ABSENT,
        _value(score.faces.precision if score.faces else None),
        str(score.uncertain_panels),
        f"{page.seconds:.1f}" if page.was_read else _ABSENT,
    )


def _detection(score: Score | None) -> str:
    if score is None:
        return "not scored: no labels"
    return (
        f"P {score.precision:.3f}  R {score.recall:.3f}  F1 {score.f1:.3f}  "
        f"({score.true_positives} right of {score.predicted} found, {score.actual} there)"
    )


def _order(score: OrderScore | None) -> str:
    if score is None:
        return "not scored: no order in the labels"
    return (
        f"exact on {score.exact} of the {score.right} pages with all panels right "
        f"(of {score.pages}); Kendall's tau {score.tau:.3f} over {score.compared} pages"
    )


def _listed_faces(score: FaceScore | None) -> list[Row]:
    if score is None:
        return [("faces", "not scored: no list of faces, or no face environment")]
    return [
        ("faces, precision", f"{_share(score.precision)}; {score.unlisted} not in the list"),
        ("faces, precision of the listed", _share(score.precision_of_listed)),
        ("listed faces found", _share(score.found)),
    ]


def _share(share: Share | None) -> str:
    if share is None:
        return "not scored: no labels"
    return f"{share.value:.3f} ({share.part} of {share.whole})"


def _three(score: Score | None) -> str:
    if score is None:
        return _ABSENT
    return f"{score.precision:.2f}/{score.recall:.2f}/{score.f1:.2f}"


def _order_cell(score: OrderScore | None) -> str:
    if score is None:
        return _ABSENT
    if score.right:
        return "exact" if score.exact else "wrong"
    return f"tau {score.tau:.2f}" if score.compared else _ABSENT


def _value(share: Share | None) -> str:
    return _ABSENT if share is None else f"{share.value:.2f}"
