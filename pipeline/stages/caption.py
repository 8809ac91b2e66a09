"""caption: a sentence for every panel. Today's captioner fills a template, and says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.core.errors import BadConfig
from pipeline.core.outcome import Item, Kept
from pipeline.core.stage import Inputs, Scope, Stage
from pipeline.manga.layout_caption import PanelFacts, flaw_of, layout_caption
from pipeline.stages.tables import CAPTIONS, CHARACTERS, DIALOGS, PAGE_IMAGES, PANELS
from schemas.detections import Character, Dialog
from schemas.profile import CaptionParams, Prompt
from schemas.record import Record
from schemas.samples import Caption


class CaptionRule(Record):
    """The parameters with the prompt's whole text: a change of it captions everything anew."""

    params: CaptionParams
    prompt: Prompt


@dataclass(frozen=True)
class _Caption:
    rule: CaptionRule

    def __call__(self, batch: Sequence[Item[PanelFacts]]) -> Iterator[Kept]:
        with_dialogue = self.rule.params.include_dialogue
        for item in batch:
            panel = item.payload.panel
            caption = Caption(
                id=panel.id,
                series=panel.series,
                page_image=panel.page_image,
                source=self.rule.prompt.name,
                text=layout_caption(item.payload, self.rule.prompt, with_dialogue=with_dialogue),
            )
            yield Kept(item.key, {CAPTIONS.name: [caption]})


def caption(series: str, rule: CaptionRule) -> Stage:
    """The stage for one series: an item is a panel. Raises BadConfig for a flawed prompt."""
    flaw = flaw_of(rule.prompt)
    if flaw:
        raise BadConfig(f"manifests/prompts/{rule.params.prompt}.toml: {flaw}")
    return Stage(
        name="caption",
        version=1,
        scope=Scope.one(series),
        params=rule,
        reads=(PAGE_IMAGES, PANELS, CHARACTERS, DIALOGS),
        writes=(CAPTIONS,),
        list_items=_list_items,
        act=_Caption(rule),
        batch_size=200,
    )


def _list_items(inputs: Inputs) -> list[Item[PanelFacts]]:
    images = {image.id: image for image in inputs.rows(PAGE_IMAGES)}
    panels = inputs.rows(PANELS)
    counts = Counter(panel.page_image for panel in panels)
    characters: dict[str, list[Character]] = {}
    for character in inputs.rows(CHARACTERS):
        characters.setdefault(character.panel, []).append(character)
    dialogs: dict[str, list[Dialog]] = {}
    for dialog in sorted(inputs.rows(DIALOGS), key=lambda dialog: dialog.order):
        dialogs.setdefault(dialog.panel, []).append(dialog)
    return [
        Item(
            panel.id,
            PanelFacts(
                panel=panel,
                panels_on_page=counts[panel.page_image],
                page_width=images[panel.page_image].width,
                page_height=images[panel.page_image].height,
                characters=tuple(characters.get(panel.id, ())),
                dialogs=tuple(dialogs.get(panel.id, ())),
            ),
        )
        for panel in panels
    ]
