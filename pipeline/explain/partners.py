"""Which page would face a page that stands alone or was dropped: the pairing rule, asked again."""

from __future__ import annotations

from pipeline.explain.series_rows import SeriesRows
from pipeline.manga.pairing import page_images
from pipeline.stages.pair import PairRule
from schemas.pages import ScreenedPage
from schemas.receipts import NotKept


def partner_note(rows: SeriesRows, page: str) -> str:
    """Why the page has no partner, or whom it left alone; empty where it has one or never had."""
    receipt = rows.receipt("pair")
    image = rows.image_of_page(page)
    if receipt is None or (image and image.is_double):
        return ""
    rule = PairRule.model_validate(receipt.params)
    if not rule.joins:
        return "the series joins no pages (cap_unit = single)"
    if image and image.is_spread:
        return "one file that shows a double page already"
    partner = _partner_if_kept(rows, page, rule)
    return _told(rows, page, partner) if partner else ""


def _told(rows: SeriesRows, page: str, partner: str) -> str:
    lost = _loss(rows, partner)
    if lost is None:
        return f"its partner {partner} stands alone now" if partner in rows.screened else ""
    alone = "stands alone: " if page in rows.screened else ""
    return f"{alone}its partner {partner} was {lost.status} ({lost.reason})"


def _loss(rows: SeriesRows, page: str) -> NotKept | None:
    return rows.not_kept["fetch"].get(page) or rows.not_kept["screen"].get(page)


def _partner_if_kept(rows: SeriesRows, page: str, rule: PairRule) -> str:
    """The neighbour that the rule joins with the page once both are put back; empty if none."""
    here = rows.planned[page]
    kept = [each for each in rows.screened.values() if each.chapter == here.chapter]
    for other in rows.planned.values():
        if other.chapter == here.chapter and abs(other.number - here.number) == 1:
            lost = [each for each in (page, other.id) if each not in rows.screened]
            pages = [*kept, *(_ghost(rows, each) for each in lost)]
            images = page_images(pages, rule.direction, rule.params, joins=True)
            if any({page, other.id} == set(image.pages) for image in images):
                return other.id
    return ""


def _ghost(rows: SeriesRows, page: str) -> ScreenedPage:
    """A lost page as if it had passed; one without a size counts as upright."""
    planned, fetched = rows.planned[page], rows.pages.get(page)
    return ScreenedPage(
        id=page,
        series=planned.series,
        chapter=planned.chapter,
        number=planned.number,
        order=planned.order,
        sha256=fetched.sha256 if fetched else "0" * 64,
        width=fetched.width or 2 if fetched else 2,
        height=fetched.height or 3 if fetched else 3,
        chroma=0.0,
        ink=0.0,
        dhash="",
    )
