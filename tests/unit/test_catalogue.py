"""From what a person types to a manifest entry, and entries in a manifest."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalogue import (
    EDITION_TAGS,
    EntryOptions,
    direction_of,
    entry_for,
    folded,
    parse_edition,
    refusal,
    slug_for,
)
from pipeline.catalogue_entries import add_entry, known_entries, write_manifest
from pipeline.core.errors import BadConfig
from pipeline.manifests import load_profile, load_series, load_tombstones
from pipeline.series_query import (
    ById,
    ByTitle,
    Query,
    parse_language,
    parse_query,
    parse_uuid,
)
from schemas.mangadex import SeriesFacts, Tag, Tombstones
from schemas.series import MangaDexSource, SeriesEntry
from tests.support.built import MANIFESTS
from tests.support.fake_catalogue import FAN_COLORED, LONG_STRIP, facts_of, uuid

ID = "a1c7c817-4e59-43b7-9365-09675a149a6f"
RATINGS = ("safe", "suggestive", "erotica")
FILLABLE = """\
# what this file is for

# the first
[[series]]  # here
slug = "series-01"
title = "to be chosen"
source = { kind = "mangadex", manga = "" }  # its id
language = "en"
direction = "rtl"
cap = 1000 # images
licence = "LicenseRef-unknown"
attribution = ""

# --- the second
[[series]]
slug = "series-02"
title = "to be chosen"
language = "en"
direction = "rtl"
licence = "LicenseRef-unknown"
attribution = ""
[series.source]
kind = "mangadex"
manga = ""
"""


def entry(number: int, title: str, **options: object) -> SeriesEntry:
    return entry_for(facts_of(number, title), EntryOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"  {ID.upper()} ",
        f"https://mangadex.org/title/{ID}",
        f"https://mangadex.org/title/{ID.upper()}/one-piece?tab=art&x=1#top",
        f"http://www.mangadex.org/manga/{ID}/",
        f"mangadex.org/title/{ID}/one-piece",
        f"https://api.mangadex.org/manga/{ID}?includes[]=author",
    ],
)
def test_ids_and_addresses(text: str) -> None:
    assert parse_query(text) == ById(ID)


@pytest.mark.parametrize(
    "text",
    ["One  Piece", "20-sai-no-aki", "re:Zero", "MangaDex", "Akira: 2020", "A-B-C-D-E", "1999"],
)
def test_titles(text: str) -> None:
    assert parse_query(text) == ByTitle(" ".join(text.split()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no series named"),
        (ID[:-1], "not a whole UUID"),
        (f"{ID}0", "not a whole UUID"),
        (f"{ID[:-1]}g", "not a whole UUID"),
        (ID.replace("-", ""), "not a whole UUID"),
        (f"{{{ID}}}", "not a whole UUID"),
        ("https://mangadex.org/title/one-piece", "not the address of a series"),
        (f"https://mangadex.org/chapter/{ID}/3", "not the address of a series"),
        (f"https://mangadex.org/title/{ID[:-1]}", "not the address of a series"),
        ("mangadex.org", "not the address of a series"),
        (f"https://elsewhere.org/mangadex.org/title/{ID}", "not on mangadex.org"),
        (f"https://mangadex.org@elsewhere.org/title/{ID}", "not on mangadex.org"),
    ],
)
def test_what_looks_like_an_id_and_is_none_is_one_line(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message) as caught:
        parse_query(text)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=80))
def test_anything_typed_is_a_query_or_bad_config(text: str) -> None:
    try:
        said: Query | list[str] = parse_query(text)
    except BadConfig as error:
        said = str(error).splitlines()
    assert isinstance(said, ById | ByTitle) or len(said) == 1


def test_options_that_cannot_be_meant() -> None:
    assert parse_uuid(f" {ID.upper()}") == ID
    assert parse_language("PT-BR") == "pt-br"
    assert parse_edition("Coloured") == "coloured"
    with pytest.raises(BadConfig, match="not a whole UUID"):
        parse_uuid("x")
    with pytest.raises(BadConfig, match="'en_US' is no code"):
        parse_language("en_US")
    with pytest.raises(BadConfig, match="--allow x: there are long-strip and coloured"):
        parse_edition("x")
    with pytest.raises(BadConfig, match="lower-case letters"):
        entry(1, "Ink", slug="Ink!")
    with pytest.raises(BadConfig, match="choose another with --slug"):
        entry(1, "Ink", slug="ink", taken_slugs=frozenset({"ink"}))


@pytest.mark.parametrize("tag", sorted(EDITION_TAGS))
def test_e13_editions_are_refused_by_tag_id_whatever_its_name(tag: str) -> None:
    edition, name = EDITION_TAGS[tag]
    facts = facts_of(1, "Ink", tags=(Tag(id=tag, name="translated"),))
    told = refusal(facts, (), RATINGS)
    assert told is not None
    assert f"tagged {name}" in told
    assert f"--allow {edition}" in told
    assert refusal(facts, (edition,), RATINGS) is None
    (other,) = {"long-strip", "coloured"} - {edition}
    assert refusal(facts, (other,), RATINGS) is not None


def test_e13_both_editions_have_to_be_allowed() -> None:
    facts = facts_of(1, "Ink", tags=(LONG_STRIP, FAN_COLORED))
    assert "--allow coloured" in str(refusal(facts, ("long-strip",), RATINGS))
    assert refusal(facts, ("long-strip", "coloured"), RATINGS) is None


@pytest.mark.parametrize("rating", ["pornographic", "", "new"])
def test_e33_a_rating_that_the_profile_does_not_take_is_named(rating: str) -> None:
    told = refusal(facts_of(1, "Ink", content_rating=rating), (), RATINGS)
    assert f"content rating {rating or 'unknown'}: the profile takes safe, sugg" in str(told)
    assert refusal(facts_of(1, "Ink", content_rating="erotica"), (), RATINGS) is None


def test_an_entry_says_what_the_catalogue_said() -> None:
    facts = facts_of(7, "Ink\n\x1b[31m", authors=("A", "B", "A"), original_language="ja")
    found = entry_for(facts, EntryOptions(groups=(ID,)))
    assert found.model_dump(exclude={"source"}) == {
        "slug": "ink-31m",
        "title": "Ink [31m",
        "language": "en",
        "direction": "rtl",
        "cap": 1000,
        "cap_unit": "double",
        "colour": "drop",
        "licence": "LicenseRef-unknown",
        "attribution": "A, B; MangaDex",
        "split": "train",
    }
    assert isinstance(found.source, MangaDexSource)
    assert (found.source.manga, found.source.year, found.source.groups) == (uuid(7), 2010, (ID,))
    assert entry_for(facts_of(1, "Ink", authors=()), EntryOptions()).attribution == "MangaDex"
    assert entry(1, "Ink", allow=("coloured",)).colour == "keep"


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ja", "rtl"), ("zh", "rtl"), ("zh-hk", "rtl"), ("ko", "ltr"), ("en", "ltr"), ("", "ltr")],
)
def test_direction_follows_the_original_language(language: str, direction: str) -> None:
    assert direction_of(language) == direction
    facts = facts_of(1, "Ink", original_language=language)
    assert entry_for(facts, EntryOptions(direction="ltr")).direction == "ltr"


@pytest.mark.parametrize(
    ("title", "others", "slug"),
    [
        ("Yotsuba&!", (), "yotsuba"),
        ("Pokémon’s Ädventure", (), "pokemons-adventure"),
        ("進撃の巨人", ("Attack on Titan",), "attack-on-titan"),
        ("20世紀少年", (), "manga-a0000001"),
        ("!?", (), "manga-a0000001"),
        ("one " * 20, (), "one-one-one-one-one-one-one-one-one-one"),
    ],
)
def test_slugs(title: str, others: tuple[str, ...], slug: str) -> None:
    assert slug_for(facts_of(1, title, other_titles=others), ()) == slug


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6))
def test_slugs_are_valid_and_never_shared(titles: list[str]) -> None:
    taken: set[str] = set()
    for title in [*titles, *titles]:
        facts = SeriesFacts(id=ID, title=title, content_rating="safe")
        taken.add(entry_for(facts, EntryOptions(taken_slugs=frozenset(taken))).slug)
    assert len(taken) == 2 * len(titles)
    assert all(len(folded(title)) <= 40 for title in titles)


def test_a_new_manifest_and_one_more_entry(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    first, second = entry(1, 'A "quoted" \\ title'), entry(2, "Reed", cap=5, cap_unit="single")
    assert add_entry(path, first) == ""
    text = path.read_text()
    assert add_entry(path, second) == ""
    assert path.read_text().startswith(text)
    assert load_series(path).series == (first, second)
    assert "cap counts in cap_unit" in text
    assert '  { id = "391b0423-d847-456f-aff0-8b0cfc03066b", name = "Action" },\n' in text


def test_empty_entries_are_filled_in_order_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FILLABLE)
    made = (entry(1, "Ink", cap=700), entry(2, "Reed", cap=5, split="val"), entry(3, "Moor"))
    assert [add_entry(path, each) for each in made] == ["series-01", "series-02", ""]
    assert known_entries(path) == made
    text = path.read_text()
    comments = ("# what this file is for", "# the first", "# here", "# its id", "# images")
    assert [text.index(comment) for comment in comments] == sorted(map(text.index, comments))
    assert (
        'attribution = "Some Author; MangaDex"\n\n# --- the second\n[[series]]\nslug = "reed"'
        in text
    )
    assert "cap = 700 # images" in text


def test_what_is_there_already_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    add_entry(path, entry(1, "Ink"))
    before = path.read_bytes()
    with pytest.raises(BadConfig, match=f"{uuid(1)} is in it already, as ink"):
        add_entry(path, entry(1, "Other"))
    with pytest.raises(BadConfig, match="a series 'ink' already"):
        add_entry(path, entry(2, "Ink"))
    path.write_text("series = [")
    with pytest.raises(BadConfig, match="not valid TOML"):
        add_entry(path, entry(3, "Reed"))
    path.write_bytes(before)
    assert load_series(path).series == (entry(1, "Ink"),)


def test_a_manifest_written_in_an_unusual_way_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    values = entry(1, "Ink").model_dump(mode="json")
    told = ", ".join(f'{k} = "{v}"' for k, v in values.items() if isinstance(v, str))
    source = f'source = {{ kind = "mangadex", manga = "{uuid(1)}" }}'
    path.write_text(f"series = [{{ {told}, {source} }}]\n")
    before = path.read_bytes()
    with pytest.raises(BadConfig, match="too unusual to be edited: add reed by hand"):
        add_entry(path, entry(2, "Reed"))
    assert path.read_bytes() == before

    path.write_text(before.decode().replace(uuid(1), ""))  # empty, and its cap has no line
    with pytest.raises(BadConfig, match="too unusual to be edited: add reed by hand"):
        add_entry(path, entry(2, "Reed", cap=5))
    assert known_entries(path)[0].title == "Ink"


def test_a_whole_manifest_reads_back_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    link.symlink_to(real)
    made = [entry(number, f"Series {number}") for number in range(3)]
    write_manifest(link, made, "how\n\nmade", {"series-1": "noted"})
    assert link.is_symlink()
    assert list(load_series(real).series) == made
    assert real.read_text().startswith("# how\n#\n# made\n\n[[series]]\n")
    assert '# noted\n[[series]]\nslug = "series-1"' in real.read_text()


def test_the_template_of_the_tree_has_the_full_shape() -> None:
    profile = load_profile(MANIFESTS, "mangazero")
    assert profile.mangadex.consent is False
    series = load_series(MANIFESTS / profile.manifest).series
    assert [each.slug for each in series] == [f"series-{n:02d}" for n in range(1, 49)]
    assert {(each.cap, each.cap_unit, each.page_cap) for each in series} == {(1000, "double", 2000)}
    assert all(isinstance(each.source, MangaDexSource) and not each.source.manga for each in series)
    assert load_tombstones(MANIFESTS) == Tombstones()
