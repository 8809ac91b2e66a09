"""Explanations of pages and page images."""

from __future__ import annotations

from typing import Any

from pipeline.explain.explanation import Explanation, Step, first_loss, making_of
from pipeline.explain.partners import partner_note
from pipeline.explain.series_rows import SeriesRows
from pipeline.explain.trail import image_steps, page_steps, sources_of
from schemas.pages import PageImage


def explain_page(rows: SeriesRows, page: str) -> Explanation | None:
    """A page, present or dropped; where it stands alone, its page image too."""
    if page not in rows.planned:
        return None
    image = rows.image_of_page(page)
    steps = page_steps(rows, page)
    loss = first_loss(steps)
    note = partner_note(rows, page)
    facts = _page_facts(rows, page) | (_image_facts(image) if image and image.id == page else {})
    return Explanation(
        id=page,
        kind="page and page image" if image and image.id == page else "page",
        status=_status(loss),
        reason=loss.says if loss else "",
        made_by=making_of(rows.receipt(loss.stage if loss else "fetch")),
        sources=sources_of(rows, [page]),
        steps=steps,
        facts=facts,
        neighbours={"page image": (image.id,), **_parts(rows, image)} if image else {},
        notes=(note,) if note else (),
    )


def explain_image(rows: SeriesRows, image_id: str) -> Explanation | None:
    """A page image of two pages."""
    image = rows.images.get(image_id)
    if image is None:
        return None
    joined = Step("pair", "kept", f"left {image.left_page}, right {image.right_page}")
    steps = (joined, *image_steps(rows, image))
    loss = first_loss(steps)
    return Explanation(
        id=image_id,
        kind="page image",
        status=_status(loss),
        reason=loss.says if loss else "",
        made_by=making_of(rows.receipt(loss.stage if loss else "pair")),
        sources=sources_of(rows, image.pages),
        steps=steps,
        facts=_image_facts(image),
        neighbours={"pages": image.pages, **_parts(rows, image)},
    )


def _status(loss: Step | None) -> Any:
    return loss.outcome if loss else "present"


def _page_facts(rows: SeriesRows, page: str) -> dict[str, Any]:
    planned, fetched = rows.planned[page], rows.pages.get(page)
    facts: dict[str, Any] = {
        "chapter": planned.chapter,
        "number": planned.number,
        "order": planned.order,
    }
    if planned.chapter_title != planned.chapter:
        facts["chapter title"] = planned.chapter_title
    if fetched is not None:
        facts |= {"page size": f"{fetched.width} x {fetched.height}", "bytes": fetched.n_bytes}
    return facts


def _image_facts(image: PageImage) -> dict[str, Any]:
    return {
        "picture size": f"{image.width} x {image.height}",
        "right half starts at x": image.x_offset if image.is_double else "not joined",
        "spread": image.is_spread,
        "direction": image.direction,
    }


def _parts(rows: SeriesRows, image: PageImage) -> dict[str, tuple[str, ...]]:
    return {
        "panels": tuple(p.id for p in rows.panels.values() if p.page_image == image.id),
        "characters": tuple(c.id for c in rows.characters.values() if c.page_image == image.id),
        "dialogs": tuple(d.id for d in rows.dialogs.values() if d.page_image == image.id),
    }
