"""`mangazero series add` and `discover`, with a catalogue in memory."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from pipeline.cli.candidates import Picking, candidate_table, picked
from pipeline.cli.series import app
from pipeline.core.errors import (
    BadConfig,
    Banned,
    Interrupted,
    MangaZeroError,
    Retryable,
    SeriesGone,
    ServerTrouble,
    Shortfall,
)
from pipeline.manifests import load_series
from schemas.series import MangaDexSource, SeriesEntry
from tests.support.commands import small_manifests
from tests.support.fake_catalogue import (
    LONG_STRIP,
    FakeCatalogue,
    chapter_of,
    facts_of,
    uuid,
)


@pytest.fixture
def manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = small_manifests(tmp_path / "manifests")
    monkeypatch.setenv("MANGAZERO_MANIFESTS", str(folder))
    for name in ("API_URL", "REPORT_URL"):
        monkeypatch.delenv(f"MANGAZERO_MANGADEX_{name}", raising=False)
    return folder


def shelf() -> FakeCatalogue:
    """Five series by their followers: many pages, few, a strip, an old one, many pages."""
    catalogue = FakeCatalogue()
    catalogue.with_series(facts_of(1, "Ink"), [chapter_of(n, pages=30) for n in (1, 2, 3)])
    catalogue.with_series(facts_of(2, "Inkwell"), [chapter_of(4, pages=30)])
    catalogue.with_series(facts_of(3, "Tower", tags=(LONG_STRIP,)), [chapter_of(5, pages=999)])
    catalogue.with_series(facts_of(4, "Reed", year=1999), [chapter_of(6, pages=999)])
    catalogue.with_series(facts_of(5, "Moor"), [chapter_of(n, pages=30) for n in (7, 8, 9)])
    return catalogue


def say(catalogue: FakeCatalogue, *arguments: str, columns: int = 120) -> Result:
    return CliRunner().invoke(app, arguments, obj=catalogue.opener, env={"COLUMNS": str(columns)})


def refused(catalogue: FakeCatalogue, *arguments: str) -> MangaZeroError:
    error = say(catalogue, *arguments).exception
    assert isinstance(error, MangaZeroError), error
    assert "\n" not in str(error)
    return error


def filled(manifest: Path) -> list[SeriesEntry]:
    series = load_series(manifest).series
    return [
        entry for entry in series if isinstance(entry.source, MangaDexSource) and entry.source.manga
    ]


def test_a_title_fills_the_template_of_the_profile(manifests: Path) -> None:
    done = say(shelf(), "add", "INK")
    assert done.exit_code == 0, done.output
    assert f"2  Inkwell  2010  ja    safe    completed  {uuid(2)}" in done.output
    assert f"Added ink to {manifests}/mangazero.toml, in place of series-01." in done.output
    assert "mangazero plan --manifest" in done.output
    (entry,) = filled(manifests / "mangazero.toml")
    assert (entry.title, entry.cap, entry.cap_unit, entry.split) == ("Ink", 1000, "double", "train")
    assert len(load_series(manifests / "mangazero.toml").series) == 48


def test_what_is_not_said_comes_from_the_empty_entry(manifests: Path) -> None:
    path = manifests / "mangazero.toml"
    text = path.read_text().replace("cap = 1000", "cap = 50", 1).replace('"en"', '"fr"', 1)
    path.write_text(text.replace('split = "train"', 'split = "val"', 1))
    done = say(shelf(), "add", uuid(1))
    assert "Mind: MangaDex lists no chapter in fr, but in en" in done.output
    say(shelf(), "add", uuid(5), "--cap", "7", "--cap-unit", "single", "--split", "test")
    first, second = filled(path)
    assert (first.cap, first.language, first.split) == (50, "fr", "val")
    assert (second.cap, second.cap_unit, second.split) == (7, "single", "test")


def test_an_id_and_every_option_in_a_manifest_of_ones_own(manifests: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    done = say(
        shelf(),
        *("add", f"https://mangadex.org/title/{uuid(3).upper()}/tower", "--manifest", str(path)),
        *("--allow", "long-strip", "--slug", "tall", "--direction", "ltr", "--language", "EN"),
        *("--group", uuid(2, "b"), "--group", uuid(1, "b"), "--yes"),
    )
    assert done.exit_code == 0, done.output
    (entry,) = filled(path)
    assert (entry.slug, entry.direction, entry.language) == ("tall", "ltr", "en")
    assert isinstance(entry.source, MangaDexSource)
    assert entry.source.groups == (uuid(2, "b"), uuid(1, "b"))
    assert entry.source.allow == ("long-strip",)


def test_several_candidates_need_a_pick(manifests: Path) -> None:
    error = refused(shelf(), "add", "in")
    assert isinstance(error, BadConfig)
    assert "2 series are found for 'in', 0 of exactly that title" in str(error)
    assert "only 2 candidates" in str(refused(shelf(), "add", "in", "--pick", "3"))
    assert say(shelf(), "add", "in", "--pick", "2").exit_code == 0
    assert [entry.slug for entry in filled(manifests / "mangazero.toml")] == ["inkwell"]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (("zzz",), SeriesGone, "no series called 'zzz'"),
        ((uuid(9),), SeriesGone, "no series"),
        ((uuid(1)[:-1],), BadConfig, "not a whole UUID"),
        (("Tower",), BadConfig, "Tower: tagged Long Strip.*--allow long-strip"),
        (("Ink", "--allow", "colored"), BadConfig, "long-strip and coloured"),
        (("Ink", "--group", "one"), BadConfig, "'one' is not a whole UUID"),
        (("Ink", "--slug", "a_b"), BadConfig, "slug 'a_b'"),
        (("Ink", "--profile", "nobody"), BadConfig, "no profile 'nobody'"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(
    manifests: Path, arguments: tuple[str, ...], kind: type[MangaZeroError], message: str
) -> None:
    before = (manifests / "mangazero.toml").read_bytes()
    error = refused(shelf(), "add", *arguments)
    assert type(error) is kind
    assert re.search(message, str(error))
    assert (manifests / "mangazero.toml").read_bytes() == before


def test_a_series_that_is_there_is_refused_before_anything_is_asked(manifests: Path) -> None:
    assert say(shelf(), "add", uuid(1)).exit_code == 0
    catalogue = shelf()
    assert "in it already, as ink" in str(refused(catalogue, "add", uuid(1).upper()))
    assert catalogue.asked == []
    assert "in it already, as ink" in str(refused(catalogue, "add", "Ink"))


def test_no_answer_is_one_line(manifests: Path) -> None:
    catalogue = FakeCatalogue(trouble={"search Ink": Retryable("time-out")})
    assert isinstance(refused(catalogue, "add", "Ink"), ServerTrouble)


def answers(*texts: str) -> Picking:
    waiting: Iterator[str] = iter(texts)
    return Picking(ask=lambda _question: next(waiting))


def test_on_a_terminal_it_is_asked_until_the_answer_is_one() -> None:
    found = shelf().search("in")
    assert picked(found, "in", answers("what", "3", " 2 ")).title == "Inkwell"
    assert picked(found[:1], "in", answers("1")).title == "Ink"
    with pytest.raises(Interrupted, match="nothing was added"):
        picked(found, "in", answers("0"))


@pytest.mark.parametrize("columns", [80, 120])
def test_candidates_fit_the_terminal_and_show_the_whole_id(columns: int) -> None:
    found = [facts_of(n, "A title of many words " * 6, tags=(LONG_STRIP,)) for n in range(12)]
    console = Console(width=columns, record=True, file=io.StringIO())
    console.print(candidate_table(found, columns))
    text = console.export_text()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= columns
    assert all(facts.id in text for facts in found)
    assert "Long Strip: needs --allow long-strip" in text


def test_discovery_keeps_what_has_enough_readable_pages(manifests: Path) -> None:
    catalogue = shelf()
    done = say(catalogue, "discover", "--count", "2", "--min-pages", "80", columns=80)
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert lines[:5] == [
        "kept 1/2 90 pages Ink",
        "too few 30 pages Inkwell",
        "refused Tower (tagged Long Strip)",
        "refused Reed (year 1999)",
        "kept 2/2 90 pages Moor",
    ]
    path = manifests / "mangazero.toml"
    assert [entry.slug for entry in load_series(path).series] == ["ink", "moor"]
    text = path.read_text()
    assert "discover --count 2 --language en --since 2000 --min-pages 80" in text
    assert "# 90 single pages in 3 chapters\n[[series]]" in text
    assert "It ended with" not in text
    assert f"chapters {uuid(3)} en" not in catalogue.asked


def test_discovery_counts_a_chapter_once_and_only_what_can_be_read(manifests: Path) -> None:
    chapters = [
        *(chapter_of(n, pages=30, number="1") for n in (1, 2, 3)),
        chapter_of(4, pages=30, external_url="https://shop.example"),
        chapter_of(5, pages=30, is_unavailable=True),
    ]
    catalogue = FakeCatalogue().with_series(facts_of(1, "Ink"), chapters)
    error = refused(catalogue, "discover", "--count", "1", "--min-pages", "31")
    assert isinstance(error, Shortfall)
    assert say(catalogue, "discover", "--count", "1", "--min-pages", "30").exit_code == 0


def test_discovery_takes_nothing_on_trust(manifests: Path) -> None:
    """The server's own filters and ranking: years, languages, ratings, and a series twice."""
    catalogue = FakeCatalogue()
    enough = [chapter_of(1, pages=2000)]
    for number, changes in enumerate(
        [
            {},
            {"year": None},
            {"original_language": "ko"},
            {"content_rating": "pornographic"},
            {"languages": ("fr",)},
        ]
    ):
        catalogue.with_series(facts_of(number, f"Series {number}", **changes), enough)
    catalogue.with_series(catalogue.all[0], enough)
    done = say(catalogue, "discover", "--count", "2")
    assert str(done.exception).startswith("1 of 2 series found among 5, ")
    for why in ("year unknown", "original language ko", "content rating p", "no chapter in en"):
        assert f"({why}" in done.output


def test_a_discovery_that_finds_fewer_says_so_and_writes_what_it_has(manifests: Path) -> None:
    error = refused(shelf(), "discover", "--min-pages", "80", "--since", "0")
    assert isinstance(error, Shortfall)
    assert str(error).startswith("3 of 48 series found among 5, they are in ")
    path = manifests / "mangazero.toml"
    assert [entry.slug for entry in load_series(path).series] == ["ink", "reed", "moor"]
    assert "# It ended with 3 of 48 series found." in path.read_text()
    before = path.read_bytes()
    error = refused(shelf(), "discover", "--min-pages", "5000", "--force")
    assert "0 of 48 series found among 5, nothing was written" in str(error)
    assert path.read_bytes() == before


def test_a_manifest_with_filled_entries_is_replaced_only_by_force(manifests: Path) -> None:
    assert say(shelf(), "add", uuid(2)).exit_code == 0
    catalogue = shelf()
    error = refused(catalogue, "discover", "--count", "1", "--min-pages", "80")
    assert "has filled entries: replace them all with --force" in str(error)
    assert catalogue.asked == []
    assert say(catalogue, "discover", "--count", "1", "--min-pages", "80", "--force").exit_code == 0
    assert [entry.slug for entry in load_series(manifests / "mangazero.toml").series] == ["ink"]


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (Banned("banned"), Banned),
        (Retryable("time-out"), None),
        (KeyboardInterrupt(), Interrupted),
    ],
)
@pytest.mark.parametrize("was_filled", [False, True])
def test_a_discovery_that_is_stopped_keeps_what_it_found_or_what_was_there(
    manifests: Path, raised: BaseException, kind: type[MangaZeroError] | None, *, was_filled: bool
) -> None:
    path = manifests / "mangazero.toml"
    if was_filled:
        say(shelf(), "add", uuid(2))
    before = path.read_bytes()
    catalogue = shelf()
    catalogue.trouble[f"chapters {uuid(5)} en"] = raised
    options = ("discover", "--count", "2", "--min-pages", "80", "--force")
    if kind is None:  # one series without an answer is one that is not taken
        assert isinstance(refused(catalogue, *options), Shortfall)
        assert "no answer" in say(catalogue, *options).output
        return
    done = say(catalogue, *options)
    assert type(done.exception) is kind
    told = done.output + str(done.exception)
    if was_filled:
        assert "nothing was written" in told
        assert path.read_bytes() == before
    else:
        assert "1 of 2 series are in" in told
        assert [entry.slug for entry in load_series(path).series] == ["ink"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rating", "pornographic"), "--rating pornographic: the profile takes safe, "),
        (("--language", "e"), "language 'e' is no code"),
        (("--original-language", "Japanese"), "language 'Japanese' is no code"),
    ],
)
def test_discovery_refuses_what_cannot_be_meant(
    manifests: Path, arguments: tuple[str, ...], message: str
) -> None:
    catalogue = shelf()
    assert message in str(refused(catalogue, "discover", *arguments))
    assert catalogue.asked == []


def test_what_was_asked_to_be_taken_down_is_not_added(manifests: Path) -> None:
    (manifests / "tombstones.toml").write_text(f'manga = ["{uuid(1)}"]\n')
    error = refused(shelf(), "add", uuid(1))
    assert isinstance(error, BadConfig)
    assert "stands in tombstones.toml" in str(error)
    assert not filled(manifests / "mangazero.toml")
