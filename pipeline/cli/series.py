"""`mangazero series`: entries of the series manifest, looked up on MangaDex."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from pipeline.catalogue import EntryOptions, entry_for, parse_edition, refusal, title_of
from pipeline.catalogue_entries import add_entry, is_empty, known_entries, manga_of, refuse_double
from pipeline.cli.candidates import Picking, candidate_table, picked
from pipeline.cli.catalogues import manifest_of, opener_of, screen, shown
from pipeline.cli.discover import discover
from pipeline.cli.opening import (
    ManifestOption,
    ProfileOption,
    manifests_folder,
    profile_named,
)
from pipeline.core.errors import BadConfig, Retryable, SeriesGone, ServerTrouble
from pipeline.manifests import load_tombstones
from pipeline.ports.protocols import Catalogue
from pipeline.series_query import ById, Query, parse_language, parse_query, parse_uuid
from schemas.mangadex import SeriesFacts
from schemas.pages import Direction
from schemas.series import SeriesEntry, Split

app = typer.Typer(
    help="Look series up on MangaDex and write them into a manifest.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(discover)


@app.command()
def add(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="A title, an address on mangadex.org, or a UUID.")],
    manifest: ManifestOption = None,
    profile: ProfileOption = "mangazero",
    language: Annotated[
        str | None, typer.Option("--language", help="Read in this language (en).")
    ] = None,
    slug: Annotated[str | None, typer.Option("--slug", help="Its name in our ids.")] = None,
    pick: Annotated[
        int | None, typer.Option("--pick", min=1, help="Take this one of the candidates.")
    ] = None,
    cap: Annotated[int | None, typer.Option("--cap", min=1, help="Most units (1000).")] = None,
    cap_unit: Annotated[
        Literal["single", "double"] | None,
        typer.Option("--cap-unit", help="What the cap counts: page images or pages (double)."),
    ] = None,
    direction: Annotated[
        Direction | None,
        typer.Option("--direction", help="Reading direction, if not that of its language."),
    ] = None,
    split: Annotated[Split | None, typer.Option("--split", help="Its split (train).")] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", help="Take long-strip or coloured editions; may be given again."),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", help="UUID of a group to prefer; again for the next best."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; what is unclear fails.")] = False,
) -> None:
    """Look a series up and write it into the manifest.

    Fills the first empty entry, whose values stand where no option is given, or adds one.
    """
    wanted = parse_query(query)
    groups = tuple(map(parse_uuid, group or ()))
    chosen_profile = profile_named(profile)
    path = manifest_of(chosen_profile, manifest)
    known = known_entries(path)
    template = next((entry for entry in known if is_empty(entry)), None)
    options = EntryOptions(
        language=parse_language(language or (template.language if template else "en")),
        slug=slug,
        direction=direction,
        cap=cap or (template.cap if template else 1000),
        cap_unit=cap_unit or (template.cap_unit if template else "double"),
        split=split or (template.split if template else "train"),
        allow=tuple(map(parse_edition, allow or ())),
        groups=groups,
        taken_slugs=frozenset(entry.slug for entry in known if not is_empty(entry)),
    )
    refuse_known(path, known, wanted)
    ask = None if yes or not sys.stdin.isatty() or isinstance(wanted, ById) else _ask
    console = screen()
    with opener_of(context)(chosen_profile.mangadex) as catalogue:
        facts = looked_up(catalogue, wanted, Picking(pick, ask), console)
    if facts.id in load_tombstones(manifests_folder()).manga:
        raise BadConfig(f"{facts.id} stands in tombstones.toml: it was asked to be taken down")
    entry = entry_of(facts, options, chosen_profile.mangadex.ratings)
    refuse_double(path, known, entry)
    filled = add_entry(path, entry)
    _say_added(console, path, entry, filled)
    if facts.languages and entry.language not in facts.languages:
        others = ", ".join(sorted(facts.languages))
        console.print(f"Mind: MangaDex lists no chapter in {entry.language}, but in {others}")


def refuse_known(path: Path, known: Sequence[SeriesEntry], wanted: Query) -> None:
    """Raises BadConfig for an id that is in the manifest, before anything is asked."""
    for entry in known:
        if isinstance(wanted, ById) and manga_of(entry) == wanted.manga:
            raise BadConfig(f"{shown(path)}: {wanted.manga} is in it already, as {entry.slug}")


def looked_up(
    catalogue: Catalogue, wanted: Query, picking: Picking, console: Console
) -> SeriesFacts:
    """Shows what the catalogue has, and gives the one that is meant.

    Raises SeriesGone if there is none, BadConfig if it is unclear which, and what else a
    catalogue raises.
    """
    try:
        found = (
            (catalogue.series(wanted.manga),)
            if isinstance(wanted, ById)
            else tuple(catalogue.search(wanted.title))
        )
    except Retryable as error:
        raise ServerTrouble(f"MangaDex gives no answer ({error}): try it again") from None
    title = "" if isinstance(wanted, ById) else wanted.title
    if not found:
        raise SeriesGone(f"MangaDex has no series called '{title}': try another title, or its UUID")
    console.print(candidate_table(found, console.width))
    return picked(found, title, picking)


def entry_of(facts: SeriesFacts, options: EntryOptions, ratings: Sequence[str]) -> SeriesEntry:
    """The entry. Raises BadConfig for an edition or a rating that is refused."""
    why = refusal(facts, options.allow, ratings)
    if why:
        raise BadConfig(f"{title_of(facts)}: {why}")
    return entry_for(facts, options)


def _ask(question: str) -> str:
    return str(typer.prompt(question))


def _say_added(console: Console, path: Path, entry: SeriesEntry, filled: str) -> None:
    way = {"rtl": "right to left", "ltr": "left to right"}[entry.direction]
    unit = {"double": "double pages", "single": "single pages"}[entry.cap_unit]
    place = f"{shown(path)}, in place of {filled}" if filled else shown(path)
    console.print(f"Added {entry.slug} to {place}.", markup=False, soft_wrap=True)
    console.print(
        f"  {entry.title}: {entry.language}, {way}, at most {entry.cap:,} {unit}, {entry.split}",
        markup=False,
        soft_wrap=True,
    )
    console.print(
        f"What can be read of it: mangazero plan --manifest {shown(path)} --series {entry.slug}",
        markup=False,
        soft_wrap=True,
    )
