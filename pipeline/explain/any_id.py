"""From an id of any kind to its explanation."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Final

from pipeline.core.errors import BadConfig
from pipeline.explain.explanation import Explanation
from pipeline.explain.identities import explain_identity
from pipeline.explain.pages import explain_image, explain_page
from pipeline.explain.parts import explain_character, explain_dialog, explain_panel
from pipeline.explain.series_rows import SeriesRows
from pipeline.wiring import Plan
from schemas.ids import Kind, kind_of, series_of

_EXPLAINED: Final[dict[Kind, Callable[[SeriesRows, str], Explanation | None]]] = {
    "page": explain_page,
    "page_image": explain_image,
    "panel": explain_panel,
    "character": explain_character,
    "dialog": explain_dialog,
    "identity": explain_identity,
}


def explain(plan: Plan, some_id: str) -> Explanation:
    """What is known of a page, page image, panel, character, dialog or identity.

    Raises BadConfig, naming the nearest ids, where there is no such thing.
    """
    slug = series_of(some_id)
    if slug not in plan.slugs:
        near = get_close_matches(slug, plan.slugs, 3, 0.5) or plan.slugs[:3]
        raise BadConfig(f"no series '{slug}' in {plan.manifest_path}; nearest: {', '.join(near)}")
    rows = SeriesRows(plan.workspace, slug)
    kind = kind_of(some_id)
    found = _EXPLAINED[kind](rows, some_id) if kind in _EXPLAINED else None
    if found is None:
        raise BadConfig(_unknown(rows, some_id))
    return found


def _unknown(rows: SeriesRows, some_id: str) -> str:
    ids = rows.all_ids()
    if not ids:
        return f"nothing is known of {rows.slug} yet: mangazero run reads it"
    near = get_close_matches(some_id, _pool(ids, some_id), 3, 0.5)
    shape = "" if kind_of(some_id) != "unknown" else ", and it has the shape of no id"
    hint = f"nearest: {', '.join(near)}" if near else f"ids look like {ids[0]}"
    return f"there is no '{some_id}'{shape}; {hint}"


def _pool(ids: list[str], some_id: str) -> list[str]:
    """The ids beside it: below its nearest parent that there is, of its kind if there are any."""
    parent, beside = some_id, ids
    while "/" in parent:
        parent = parent.rsplit("/", 1)[0]
        beside = [each for each in ids if each.startswith(f"{parent}/")]
        if beside:
            break
    kind = kind_of(some_id)
    return [each for each in beside if kind_of(each) == kind] or beside
