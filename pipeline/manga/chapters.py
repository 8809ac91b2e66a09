"""Which uploads of which chapters are taken, in reading order.

What cannot be read is excluded before anything is compared, so that it never wins over an upload
that can be. The uploads that are left are one chapter if their numbers are the same and, where
numbers begin anew in every volume, their volumes too. There an upload without a volume is in none
of the others: its number alone does not say which, and to guess wrong would lose a chapter or put
another one in its place. All without a volume are therefore one more volume, the last, which is
how people list what no book has collected yet. An upload without a number is always a chapter by
itself, even beside another one of the same volume.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline.manga.chapter_numbers import (
    ChapterKey,
    Place,
    canonical,
    chapter_names,
    place_of_number,
    place_of_volume,
)
from pipeline.manga.rights import is_taken_down
from schemas.mangadex import ListedChapter, SkippedChapter, SkipReason, Tombstones

_Readable = dict[ChapterKey, list[ListedChapter]]


@dataclass(frozen=True, slots=True)
class ChoiceRule:
    """What may be taken. `groups` are preferred, best first; `now_iso` is ISO 8601.

    `manga` is the id of the series, needed only where it may be among the tombstones.
    """

    language: str
    groups: tuple[str, ...]
    official: bool
    restarts_numbers: bool
    now_iso: str
    tombstones: Tombstones = field(default_factory=Tombstones)
    manga: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chapter under its name in our ids, the upload to take, and the others, best first."""

    chapter: str
    upload: ListedChapter
    alternates: tuple[ListedChapter, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Every listed upload once: chosen, or skipped for a reason. Both in reading order."""

    chosen: tuple[Chosen, ...]
    skipped: tuple[SkippedChapter, ...]


def choose(listed: Sequence[ListedChapter], rule: ChoiceRule) -> Choice:
    """One upload a chapter, whatever the order of the listing.

    Preferred groups come first, then the group with the most chapters of the series, then more
    pages, then what became readable last. Alternates are also in `skipped`, as OTHER_GROUP.
    Raises ValueError if `now_iso` is no time.
    """
    now = datetime.fromisoformat(rule.now_iso)
    now_s = (now if now.tzinfo else now.replace(tzinfo=UTC)).timestamp()
    readable: _Readable = defaultdict(list)
    skipped: list[tuple[ListedChapter, SkipReason]] = []
    for upload in _each_once(listed):
        reason = _reason_to_skip(upload, rule, now_s)
        if reason is None:
            readable[_key_of(upload, rule)].append(upload)
        else:
            skipped.append((upload, reason))
    names, standing = chapter_names(readable), _standing(readable)
    chosen = []
    for key, uploads in readable.items():
        best, *others = sorted(uploads, key=lambda upload: _preference(upload, rule, standing))
        chosen.append(Chosen(names[key], best, tuple(others)))
        skipped += [(other, SkipReason.OTHER_GROUP) for other in others]
    chosen.sort(key=lambda each: _reading_place(each.upload, rule))
    skipped.sort(key=lambda each: _reading_place(each[0], rule))
    return Choice(tuple(chosen), tuple(skipped_chapter(*each) for each in skipped))


def skipped_chapter(upload: ListedChapter, reason: SkipReason) -> SkippedChapter:
    """The row for an upload that is not taken."""
    return SkippedChapter(
        id=upload.id,
        volume=upload.volume,
        number=upload.number,
        pages=upload.pages,
        reason=reason,
    )


def _each_once(listed: Iterable[ListedChapter]) -> list[ListedChapter]:
    """A listing that changed while it was read may hold an upload twice: the newer one stands."""
    newest: dict[str, ListedChapter] = {}
    for upload in listed:
        known = newest.setdefault(upload.id, upload)
        newest[upload.id] = max(known, upload, key=lambda each: (each.version, repr(each)))
    return list(newest.values())


def _reason_to_skip(upload: ListedChapter, rule: ChoiceRule, now_s: float) -> SkipReason | None:
    is_official = any(group.is_official for group in upload.groups)
    reasons = (
        (SkipReason.EXTERNAL, bool(upload.external_url)),
        (SkipReason.UNAVAILABLE, upload.is_unavailable),
        (SkipReason.EMPTY, upload.pages == 0),
        (SkipReason.NOT_YET_PUBLISHED, _seconds(upload.publish_at) > now_s),
        (SkipReason.OTHER_LANGUAGE, upload.language.lower() != rule.language.lower()),
        (SkipReason.TAKEN_DOWN, is_taken_down(rule.manga, upload, rule.tombstones)),
        (SkipReason.OFFICIAL, is_official and not rule.official),
    )
    return next((reason for reason, applies in reasons if applies), None)


def _key_of(upload: ListedChapter, rule: ChoiceRule) -> ChapterKey:
    volume = canonical(upload.volume) if rule.restarts_numbers else ""
    number = canonical(upload.number)
    return ChapterKey(volume, number) if number else ChapterKey("", "", upload.id)


def _groups_of(upload: ListedChapter) -> tuple[str, ...]:
    """A joint upload counts for every group in it; who uploads alone is a group of one."""
    return tuple(group.id for group in upload.groups) or (f"uploader:{upload.uploader_id}",)


def _standing(readable: _Readable) -> dict[str, int]:
    """Each group's place, 0 the best: most chapters, then most pages, then newest, then its id.

    One order for the whole series, so that two groups with equally many chapters do not take
    turns.
    """
    pages: dict[str, dict[ChapterKey, int]] = defaultdict(dict)
    newest: dict[str, float] = defaultdict(lambda: -math.inf)
    for key, uploads in readable.items():
        for upload in uploads:
            for group in _groups_of(upload):
                pages[group][key] = max(upload.pages, pages[group].get(key, 0))
                newest[group] = max(newest[group], _seconds(upload.readable_at))
    ordered = sorted(
        pages,
        key=lambda group: (-len(pages[group]), -sum(pages[group].values()), -newest[group], group),
    )
    return {group: place for place, group in enumerate(ordered)}


def _preference(
    upload: ListedChapter, rule: ChoiceRule, standing: Mapping[str, int]
) -> tuple[int, int, int, float, str]:
    groups = _groups_of(upload)
    return (
        _wished_place(groups, rule.groups),
        min(standing[group] for group in groups),
        -upload.pages,
        -_seconds(upload.readable_at),
        upload.id,
    )


def _wished_place(groups: Collection[str], wished: Sequence[str]) -> int:
    places = (place for place, group in enumerate(wished) if group in groups)
    return next(places, len(wished))


def _reading_place(upload: ListedChapter, rule: ChoiceRule) -> tuple[Place, Place, float, str]:
    """Numbers that run through the series order it alone: volumes are often missing."""
    volume, number = place_of_volume(upload.volume), place_of_number(upload.number)
    first, second = (volume, number) if rule.restarts_numbers else (number, volume)
    return first, second, _seconds(upload.publish_at), upload.id


def _seconds(moment: str) -> float:
    """Since 1970; a time that cannot be read is before all others."""
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return -math.inf
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return aware.timestamp()
