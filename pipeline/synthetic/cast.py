"""Who plays in a series: identities with traits that stay theirs from page to page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final, Literal

from pipeline.synthetic.spec import SeriesSpec
from pipeline.synthetic.tones import Fill

Hair = Literal[
    "short", "spiky", "bob", "long", "ponytail", "twintails", "buns", "curly", "waves", "swept"
]
HAIRS: Final[tuple[Hair, ...]] = (
    "short", "long", "spiky", "twintails", "bob", "swept", "ponytail", "curly", "buns", "waves",
)  # fmt: skip
HAIR_FILLS: Final[tuple[Fill, ...]] = (0, 255, "middle", "light", "dark", "stripes")
Accessory = Literal["none", "bow", "glasses", "hat", "scar"]
ACCESSORIES: Final[tuple[Accessory, ...]] = ("none", "bow", "glasses", "hat", "scar")
BROWS: Final = ("arched", "flat", "thick")
EYES: Final = ("round", "tall", "sharp")
JAWS: Final = ("round", "pointed", "broad")
CLOTHES: Final[tuple[Fill, ...]] = ("checks", 255, "bars", "dots", 0, "weave", "light", "stripes")

OTHER: Final = "other"
"""The identity of extras: people who are nobody in particular."""


@dataclass(frozen=True, slots=True)
class CastMember:
    """An identity and what it looks like. `weight` is how often it appears, relative to others.

    `clothes` has one entry, or several for a character that changes between chapters.
    """

    identity: str
    hair: Hair
    hair_fill: Fill
    accessory: Accessory
    brows: str
    eyes: str
    jaw: str
    clothes: tuple[Fill, ...]
    height: float
    weight: float
    skirt: bool = False
    is_human: bool = True
    looks_like: str = ""

    def clothes_in(self, chapter: str) -> Fill:
        """What it wears in a chapter ("c0003")."""
        return self.clothes[int(chapter[1:]) % len(self.clothes)]


_NAMES = ("hana", "ren", "sora", "mei", "kaito", "yuki", "aoi", "toma")
_CREATURE = "moko"


def cast_of(spec: SeriesSpec) -> tuple[CastMember, ...]:
    """The named cast, most frequent first: six to eight people and a creature.

    The second and third look alike but for one trait; the fourth changes its clothes.
    Weights fall as 1 / rank (Zipf), so that the last ones are rare.
    """
    dice = spec.dice("cast")
    people = _people(_NAMES[: dice.randint(6, 8)], dice)
    people[2] = _look_alike(people[1], people[2].identity, dice)
    people[3] = replace(people[3], clothes=(people[3].clothes[0], _another(people[3], dice)))
    creature = replace(
        people[0], identity=_CREATURE, is_human=False, hair_fill=dice.choice((255, "light", 0))
    )
    cast = [*people[:4], creature, *people[4:]]
    return tuple(replace(member, weight=1 / (rank + 1)) for rank, member in enumerate(cast))


def extra(dice: Random) -> CastMember:
    """Somebody in the street, drawn once and never again."""
    return replace(_people((OTHER,), dice)[0], skirt=dice.random() < 0.5)


def _people(names: tuple[str, ...], dice: Random) -> list[CastMember]:
    """Up to eight people who share neither hair style nor clothes; the first wears nothing more."""
    hairs = dice.sample(HAIRS, len(names))
    fills = dice.sample(HAIR_FILLS, len(HAIR_FILLS))
    clothes = dice.sample(CLOTHES, len(names))
    worn: list[Accessory] = ["none", *dice.sample(ACCESSORIES, len(ACCESSORIES))]
    return [
        CastMember(
            identity=name,
            hair=hairs[rank],
            hair_fill=fills[rank % len(fills)],
            accessory=worn[rank % len(worn)],
            brows=dice.choice(BROWS),
            eyes=EYES[rank % len(EYES)],
            jaw=dice.choice(JAWS),
            clothes=(clothes[rank],),
            height=round(dice.uniform(0.86, 1.1), 3),
            weight=1.0,
            skirt=rank % 3 != 2,
        )
        for rank, name in enumerate(names)
    ]


def _look_alike(model: CastMember, identity: str, dice: Random) -> CastMember:
    accessories: list[Accessory] = [a for a in ACCESSORIES if a != model.accessory]
    fills = [fill for fill in HAIR_FILLS if fill != model.hair_fill]
    if dice.random() < 0.5:
        twin = replace(model, identity=identity, accessory=dice.choice(accessories))
    else:
        twin = replace(model, identity=identity, hair_fill=dice.choice(fills))
    return replace(twin, looks_like=model.identity)


def _another(member: CastMember, dice: Random) -> Fill:
    return dice.choice([fill for fill in CLOTHES if fill not in member.clothes])
