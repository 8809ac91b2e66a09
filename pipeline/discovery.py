"""Looking for series by how many people follow them, and counting what is really readable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from pipeline.catalogue import EDITION_TAGS, refusal
from pipeline.core.errors import Retryable, SeriesGone
from pipeline.manga.chapters import ChoiceRule, choose
from pipeline.ports.protocols import Catalogue, Wish
from schemas.mangadex import SeriesFacts, Tombstones


class Verdict(StrEnum):
    """What becomes of a candidate."""

    KEPT = "kept"
    TOO_FEW = "too few"
    REFUSED = "refused"
    NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked for. `min_pages` are readable single pages, each chapter counted once."""

    language: str
    since: int | None
    min_pages: int
    original_languages: tuple[str, ...]
    ratings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A series that was looked at. Counts are 0 where its chapters were not asked for."""

    facts: SeriesFacts
    verdict: Verdict
    chapters: int = 0
    pages: int = 0
    why: str = ""


def candidates(
    catalogue: Catalogue, criteria: Criteria, tombstones: Tombstones, now: datetime
) -> Iterator[Candidate]:
    """Every series that is looked at, the most followed first, each once.

    It asks as it is read: whoever has enough stops reading. Raises what the catalogue raises.
    """
    wish = Wish(
        language=criteria.language,
        since=criteria.since,
        original_languages=criteria.original_languages,
        ratings=criteria.ratings,
        refused_tags=tuple(EDITION_TAGS),
    )
    seen: set[str] = set()
    for facts in catalogue.discover(wish):
        if facts.id in seen:  # the ranking moves while it is read
            continue
        seen.add(facts.id)
        why = _mismatch(facts, criteria, tombstones)
        if why:
            yield Candidate(facts, Verdict.REFUSED, why=why)
        else:
            yield _counted(catalogue, facts, criteria, tombstones, now)


def _mismatch(facts: SeriesFacts, criteria: Criteria, tombstones: Tombstones) -> str:
    """Why it is not looked at any closer; the server's filters are not taken on trust."""
    if facts.id in tombstones.manga:
        return "taken down on request"
    why = refusal(facts, (), criteria.ratings)
    if why:
        return why.split(",", 1)[0].split(":", 1)[0]
    if facts.original_language not in criteria.original_languages:
        return f"original language {facts.original_language or 'unknown'}"
    if criteria.since is not None and (facts.year or 0) < criteria.since:
        return f"year {facts.year or 'unknown'}"
    if facts.languages and criteria.language not in facts.languages:
        return f"no chapter in {criteria.language}"
    return ""


def _counted(
    catalogue: Catalogue,
    facts: SeriesFacts,
    criteria: Criteria,
    tombstones: Tombstones,
    now: datetime,
) -> Candidate:
    try:
        listed = catalogue.chapters(facts.id, criteria.language)
    except SeriesGone:
        return Candidate(facts, Verdict.REFUSED, why="gone")
    except Retryable as error:
        return Candidate(facts, Verdict.NO_ANSWER, why=str(error))
    rule = ChoiceRule(
        language=criteria.language,
        groups=(),
        official=False,
        restarts_numbers=facts.restarts_numbers,
        now_iso=now.astimezone(UTC).isoformat(timespec="seconds"),
        tombstones=tombstones,
        manga=facts.id,
    )
    chosen = choose(tuple(listed), rule).chosen
    pages = sum(each.upload.pages for each in chosen)
    verdict = Verdict.KEPT if pages >= criteria.min_pages else Verdict.TOO_FEW
    return Candidate(facts, verdict, chapters=len(chosen), pages=pages)
