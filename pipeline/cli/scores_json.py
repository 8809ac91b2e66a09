"""Scores in plain values for `--json`; null where there were no labels."""

from __future__ import annotations

from typing import Any

from pipeline.evaluation import SampleAccuracy
from pipeline.evaluation_on_pages import DetectorReport
from pipeline.manga.metrics import Score
from pipeline.manga.page_scores import PageScore, Share


def report_json(report: DetectorReport) -> dict[str, Any]:
    """A detector's report in plain values; null where there were no labels."""
    return {
        "detector": report.detector,
        "pages": {
            page.key: {
                **score_json(page.score),
                "seconds": round(page.seconds, 3),
                "was_read": page.was_read,
                "notes": list(page.notes),
            }
            for page in report.pages
        },
        "total": {
            **score_json(report.total),
            "seconds_a_page": round(report.seconds_a_page, 3),
            "not_read": report.unread,
        },
    }


def accuracy_json(accuracy: SampleAccuracy) -> dict[str, Any]:
    """A drawn workspace's accuracy in plain values."""
    who = accuracy.identities
    names = () if who is None else who.__dataclass_fields__
    return {
        "series": list(accuracy.series),
        "page_images": accuracy.page_images,
        **score_json(accuracy.score),
        "large_faces": _share_json(accuracy.large_faces),
        "identities": {name: getattr(who, name) for name in names} or None,
        "identities_in_samples": accuracy.identities_in_samples,
    }


def score_json(score: PageScore) -> dict[str, Any]:
    """One score in plain values."""
    order, faces = score.order, score.faces
    return {
        "panels_iou50": _detection_json(score.panels),
        "panels_iou75": _detection_json(score.panels_strict),
        "order": order
        and {
            "pages": order.pages,
            "pages_right": order.right,
            "pages_exact": order.exact,
            "kendall_tau": order.tau,
            "pages_compared": order.compared,
        },
        "text_regions": _share_json(score.regions),
        "lettering": _share_json(score.lettering),
        "characters_read": _share_json(score.letters),
        "balloons_iou50": _detection_json(score.balloons),
        "faces": faces
        and {
            "precision": _share_json(faces.precision),
            "precision_of_listed": _share_json(faces.precision_of_listed),
            "found": _share_json(faces.found),
            "not_in_the_list": faces.unlisted,
        },
        "uncertain_panels": score.uncertain_panels,
    }


def _detection_json(score: Score | None) -> dict[str, float] | None:
    if score is None:
        return None
    return {
        "precision": score.precision,
        "recall": score.recall,
        "f1": score.f1,
        "hits": score.true_positives,
        "found": score.predicted,
        "there": score.actual,
    }


def _share_json(share: Share | None) -> dict[str, float] | None:
    if share is None:
        return None
    return {"share": share.value, "of": share.whole, "hits": share.part}
