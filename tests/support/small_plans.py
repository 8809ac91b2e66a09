"""Chapters and page plans of a few pages, for tests of plans."""

from __future__ import annotations

from typing import Any, get_args

from pipeline.manga.chapters import Choice, Chosen
from pipeline.manga.page_plan import CapUnit, Cover, frozen_plan
from schemas.mangadex import FrozenPlan, Group, ListedChapter, PlanTerms

NOW = "2026-01-01T00:00:00+00:00"
UNITS: tuple[CapUnit, ...] = get_args(CapUnit)
COVERS: tuple[Cover, ...] = get_args(Cover)


def uuid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number:012x}"


A = Group(id=uuid(0xA), name="Group\nA")
MANGA = uuid(0xFFFF)


def upload(id_: int, pages: int, **facts: Any) -> ListedChapter:
    known = {"id": uuid(id_), "number": str(id_), "pages": pages, "version": 1, "groups": (A,)}
    return ListedChapter.model_validate(known | facts)


def choice_of(*pages: int) -> Choice:
    return Choice(
        tuple(Chosen(f"c{at:04d}", upload(at, n), ()) for at, n in enumerate(pages, 1)), ()
    )


def terms(cap: int, unit: CapUnit = "double", cover: Cover = "paired") -> PlanTerms:
    return PlanTerms(manga=MANGA, language="en", cap=cap, cap_unit=unit, cover=cover)


def plan_of(*pages: int, cap: int, unit: CapUnit = "double", cover: Cover = "paired") -> FrozenPlan:
    return frozen_plan("ink", "Ink", terms(cap, unit, cover), choice_of(*pages), NOW)


def takes(plan: FrozenPlan) -> list[int]:
    return [each.take for each in plan.chapters]
