"""What planning a series anew would change, in lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.manga.chapter_titles import chapter_title, credited_to
from schemas.mangadex import FrozenPlan, PlannedChapter


def differences(before: FrozenPlan, after: FrozenPlan) -> list[str]:
    """What a person has to know of the change, a line each; none if both are the same plan."""
    if before.sha256 == after.sha256:
        return []
    old = {each.chapter: each for each in before.chapters}
    new = {each.chapter: each for each in after.chapters}
    lines = [f"- {name}: {_described(old[name])}" for name in old if name not in new]
    lines += [f"+ {name}: {_described(new[name])}" for name in new if name not in old]
    lines += [
        f"~ {name}: {'; '.join(changes)}"
        for name in new
        if name in old and (changes := _changes(old[name], new[name]))
    ]
    if [name for name in old if name in new] != [name for name in new if name in old]:
        lines.append("~ the chapters are in another order")
    lines += _changed_facts(before, after)
    return lines or ["~ only what does not change a page: titles, names, or uploads not taken"]


def _described(each: PlannedChapter) -> str:
    pages = f"{each.take} pages" if each.take == each.upload.pages else _cut(each)
    return f"{chapter_title(each.upload)}, {pages}, by {credited_to(each.upload)}"


def _cut(each: PlannedChapter) -> str:
    return f"{each.take} of {each.upload.pages} pages"


def _changes(old: PlannedChapter, new: PlannedChapter) -> Sequence[str]:
    changes = []
    if old.upload.id != new.upload.id:
        changes.append(f"other upload {new.upload.id} by {credited_to(new.upload)}")
    elif old.upload.version != new.upload.version:
        changes.append(f"version {old.upload.version} -> {new.upload.version}")
    if (old.take, old.upload.pages) != (new.take, new.upload.pages):
        changes.append(f"{_cut(old)} -> {_cut(new)}")
    if old.amended != new.amended:
        changes.append(f"amended: {new.amended or 'no longer'}")
    return changes


def _changed_facts(before: FrozenPlan, after: FrozenPlan) -> Iterator[str]:
    for name, old in before.terms:
        if (new := getattr(after.terms, name)) != old:
            yield f"~ {name}: {old} -> {new}"
    if before.gone_at != after.gone_at:
        yield f"~ the series is gone since {after.gone_at}" if after.gone_at else "~ it is back"
    for what in ("available_units", "available_pages", "taken_units", "taken_pages"):
        old, new = getattr(before, what), getattr(after, what)
        if old != new:
            yield f"~ {what.replace('_', ' ')}: {old} -> {new}"
