"""What people typed as a volume or a chapter number: when two are the same, their order, a name.

Two spellings are one number if they are one decimal ("012", "12", "12.0") or the same text apart
from case and blanks ("12a", "12A"). Nothing here raises, whatever was typed, and no name grows
with what was typed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

Place = tuple[int, Decimal, tuple[tuple[int, int, str], ...]]
"""Sorts numbers: (0, decimal, rest), then (1, 0, text), and (2, 0, ()) where there is none."""

_NO_NUMBER: Final[Place] = (2, Decimal(0), ())
_DECIMAL: Final = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")
_PLAIN: Final = re.compile(r"(-?)([0-9]{1,8})(?:\.([0-9]{1,4}))?")
"""What a name can hold as it is; longer decimals are named like text, with a digest."""
_LEADING_DECIMAL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_SLUG_PART: Final = 8
_DIGITS: Final = 4
_VOLUME_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class ChapterKey:
    """What uploads of one chapter have in common: both numbers are canonical.

    `volume` is empty where numbers run through the series; `upload` is set where there is no
    number, because then nothing tells that two uploads are one chapter.
    """

    volume: str
    number: str
    upload: str = ""


def canonical(typed: str) -> str:
    """One spelling for all that mean the same: "12.5", "12a", or "" for nothing."""
    folded = " ".join(typed.casefold().split())
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in folded)
    found = _DECIMAL.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return text
    whole, part = found[2].lstrip("0") or "0", (found[3] or "").rstrip("0")
    size = f"{whole}.{part}" if part else whole
    return f"-{size}" if found[1] == "-" and size != "0" else size


def place_of_number(typed: str) -> Place:
    """Where a chapter number sorts: 12 < 12a < 12.5 < 13 < extra < extra 2 < none."""
    text = canonical(typed)
    if not text:
        return _NO_NUMBER
    leading = _LEADING_DECIMAL.match(text)
    if leading is None:
        return 1, Decimal(0), _natural(text)
    return 0, Decimal(leading[0]), _natural(text[leading.end() :])


def place_of_volume(typed: str) -> Place:
    """Where a volume sorts: 1 < 2 < 10 < 3Cxx < none. Text is no volume between two others."""
    text = canonical(typed)
    if not text:
        return _NO_NUMBER
    if _LEADING_DECIMAL.fullmatch(text):
        return 0, Decimal(text), ()
    return 1, Decimal(0), _natural(text)


def chapter_names(keys: Collection[ChapterKey]) -> dict[ChapterKey, str]:
    """A slug of at most 40 characters for each: c0012, c0012-5, v02-c0003, oneshot-1f2e3d4c.

    It comes from the numbers alone (from the upload's id where there is none), so planning anew
    gives the same. Only where two would share a name do both get a long one instead.
    """
    names = {key: _name(key) for key in keys}
    times = Counter(names.values())
    return {key: name if times[name] == 1 else _long_name(key) for key, name in names.items()}


def _name(key: ChapterKey) -> str:
    if key.upload:
        return f"oneshot-{key.upload[:8]}"
    number = _word("c", key.number, _DIGITS)
    return f"{_word('v', key.volume, _VOLUME_DIGITS)}-{number}" if key.volume else number


def _long_name(key: ChapterKey) -> str:
    if key.upload:
        return f"oneshot-{key.upload.replace('-', '')}"
    return f"c-{_digest(f'{key.volume}/{key.number}', 32)}"


def _word(letter: str, number: str, digits: int) -> str:
    plain = _PLAIN.fullmatch(number)
    if plain is None:
        return _word_of_text(letter, number, digits)
    sign, whole, part = plain.groups()
    word = f"{letter}{'minus' if sign else ''}{whole.zfill(digits)}"
    return f"{word}-{part}" if part else word


def _word_of_text(letter: str, text: str, digits: int) -> str:
    """c0012a-1f2e3d4c, or x-extra-1f2e3d4c where it begins with no digit."""
    padded = re.sub(r"^[0-9]+", lambda found: found[0].zfill(digits), text)
    slug = re.sub(r"[^a-z0-9]+", "-", padded).strip("-")[:_SLUG_PART].strip("-")
    start = f"{letter}{slug}" if slug[:1].isdigit() else f"{'x' if letter == 'c' else 'vx'}-{slug}"
    return f"{start.strip('-')}-{_digest(text, 8)}"


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Runs of digits compare by value without being turned into numbers, however long."""
    return tuple(
        (0, len(bare := run.lstrip("0")), bare) if run[0].isdecimal() else (1, 0, run)
        for run in re.findall(r"[0-9]+|[^0-9]+", text)
    )


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
