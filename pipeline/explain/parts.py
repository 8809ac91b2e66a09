"""Explanations of panels, characters and dialogs: what a detector found on a page image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.explain.explanation import Explanation, Outcome, Step, first_loss, making_of
from pipeline.explain.series_rows import SeriesRows
from pipeline.explain.trail import shard_step, sources_of, step_of, up_to_loss
from schemas.detections import Character, Dialog, Panel


def explain_panel(rows: SeriesRows, panel_id: str) -> Explanation | None:
    """A panel: its place in the reading order, its caption, and what it holds."""
    panel = rows.panels.get(panel_id)
    if panel is None:
        return None
    caption = rows.captions.get(panel.id)
    facts = {
        **_found(panel),
        "reading order": panel.order,
        "uncertain": panel.is_uncertain,
        "caption": caption.text if caption else "none yet",
        "caption source": caption.source if caption else "",
    }
    same_page = [p for p in rows.panels.values() if p.page_image == panel.page_image]
    order = [p.id for p in sorted(same_page, key=lambda p: p.order)]
    here = order.index(panel.id)
    neighbours = {
        "panel before": tuple(order[max(0, here - 1) : here]),
        "panel after": tuple(order[here + 1 : here + 2]),
        "characters": tuple(c.id for c in rows.characters.values() if c.panel == panel.id),
        "dialogs": tuple(d.id for d in rows.dialogs.values() if d.panel == panel.id),
    }
    steps = [step_of(rows, "caption", panel.id, caption.source if caption else "")]
    return _explained(rows, panel, _About("panel", facts, neighbours, steps))


def explain_character(rows: SeriesRows, character_id: str) -> Explanation | None:
    """A character: who it is proposed to be, what people decided, and where else it appears."""
    character = rows.characters.get(character_id)
    if character is None:
        return None
    proposal, identity = rows.proposals.get(character.id), rows.identities.get(character.id)
    face = character.face
    facts = {
        **_found(character),
        "face": tuple(face) if face else "none seen",
        "found by": character.source,
        "placement": character.placement,
        "identity": identity.identity if identity else "none",
        "identity status": identity.status if identity else "none",
        "identity proposed": proposal.identity if proposal else "none yet",
        "cluster size": proposal.cluster_size if proposal else 0,
        "verdicts": sum(character.id in verdict.characters for verdict in rows.verdicts),
    }
    neighbours = {
        "panel": _panel(character),
        "identity": (identity.identity,) if identity else (),
        "same identity": tuple(
            other
            for other, theirs in rows.identities.items()
            if identity and theirs.identity == identity.identity and other != character.id
        ),
    }
    proposed = f"{proposal.identity}, one of {proposal.cluster_size}" if proposal else ""
    steps = [step_of(rows, "identify", character.page_image, proposed)]
    return _explained(rows, character, _About("character", facts, neighbours, steps))


def explain_dialog(rows: SeriesRows, dialog_id: str) -> Explanation | None:
    """A dialog: its text as it was read, and the panel that holds it."""
    dialog = rows.dialogs.get(dialog_id)
    if dialog is None:
        return None
    facts = {
        **_found(dialog),
        "text": dialog.text,
        "text box": tuple(dialog.text_box),
        "orientation": dialog.orientation,
        "reading order": dialog.order,
        "placement": dialog.placement,
    }
    return _explained(rows, dialog, _About("dialog", facts, {"panel": _panel(dialog)}))


@dataclass(frozen=True)
class _About:
    """What sets one kind of part apart from the others."""

    kind: str
    facts: Mapping[str, Any]
    neighbours: Mapping[str, tuple[str, ...]]
    steps: Sequence[Step] = ()


def _explained(rows: SeriesRows, part: Panel | Character | Dialog, about: _About) -> Explanation:
    image = rows.images.get(part.page_image)
    found = Step("detect", "kept", f"by {part.detector}, confidence {part.confidence:.2f}")
    way = up_to_loss([found, *about.steps, *_to_shard(rows, part)])
    loss = first_loss(way)
    status: Any = loss.outcome if loss else "present"
    return Explanation(
        id=part.id,
        kind=about.kind,
        status=status,
        reason=loss.says if loss else "",
        made_by=making_of(rows.receipt(loss.stage if loss else "detect")),
        sources=sources_of(rows, image.pages if image else ()),
        steps=way,
        facts=about.facts,
        neighbours={"page image": (part.page_image,), **about.neighbours},
    )


def _to_shard(rows: SeriesRows, part: Panel | Character | Dialog) -> Iterator[Step]:
    """assemble and shard; a part that no panel holds is in no sample."""
    outcome: Outcome = "kept"
    sample = rows.samples.get(part.id if isinstance(part, Panel) else part.panel)
    if not isinstance(part, Panel) and not part.panel:
        outcome, says = "dropped", "outside: it lies in no panel, so no sample holds it"
    elif isinstance(part, Character) and _is_junk(rows, part):
        outcome, says = "dropped", "junk: people said that the box shows no character"
    elif sample is None:
        outcome, says = "waits", "not done yet"
    else:
        says = f"in the sample {sample.id}"
    yield Step("assemble", outcome, says)
    yield shard_step(rows, part.page_image)


def _is_junk(rows: SeriesRows, character: Character) -> bool:
    return character.id in rows.proposals and character.id not in rows.identities


def _found(part: Panel | Character | Dialog) -> dict[str, Any]:
    return {"box": tuple(part.box), "confidence": part.confidence}


def _panel(part: Character | Dialog) -> tuple[str, ...]:
    return (part.panel,) if part.panel else ()
