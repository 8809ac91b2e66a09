"""The documentation keeps pace with the code: links, commands, options, keys and examples."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from pipeline.cli import main as command_line
from pipeline.core.errors import MangaZeroError, StopRun
from pipeline.stages.tables import ALL
from schemas.mangadex import Tombstones
from schemas.profile import Profile
from schemas.record import Record
from schemas.samples import Sample, ShardPage
from schemas.series import MangaDexSource, SeriesEntry, SyntheticSource
from tests.support.small_build import small_build

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
REFERENCE = DOCS / "reference"
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]

IS_CODE = re.compile(r"```.*?\n(.*?)```|`([^`\n]+)`", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(CHECKOUT).as_posix())


def code_in(page: Path) -> list[str]:
    """What stands in code blocks and between backticks."""
    text = page.read_text(encoding="utf-8")
    return [block or span for block, span in IS_CODE.findall(text)]


def blocks_in(page: Path, language: str) -> list[str]:
    pattern = rf"^( *)```{language}\n(.*?)^ *```"
    found = re.findall(pattern, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def anchors_of(page: Path) -> set[str]:
    """The anchors that headings get where Markdown is shown."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@cache
def commands() -> dict[str, click.Command]:
    """Every command by its words: "run", "evaluate sample"."""
    command_line._register()
    found: dict[str, click.Command] = {}

    def walk(group: Any, words: str) -> None:
        for name, command in group.commands.items():
            found[f"{words}{name}"] = command
            if hasattr(command, "commands"):
                walk(command, f"{words}{name} ")

    walk(typer.main.get_command(command_line.app), "")
    return found


@pages
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def test_every_page_is_linked_from_the_table_of_contents() -> None:
    contents = DOCS / "README.md"
    linked = {(DOCS / link).resolve() for link in LINK.findall(contents.read_text())}
    assert {*DOCS.rglob("*.md")} - linked - {contents} == set()


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))


@pages
def test_every_make_target_exists(page: Path) -> None:
    named = {name for code in code_in(page) for name in re.findall(r"\bmake ([a-z-]+)", code)}
    assert named - make_targets() == set()


def test_every_make_target_is_in_the_reference() -> None:
    told = (REFERENCE / "make.md").read_text()
    assert {name for name in make_targets() if f"`make {name}`" not in told} == set()


@pages
def test_every_command_and_its_options_exist(page: Path) -> None:
    known = commands()
    for code in code_in(page):
        for call in re.findall(r"(?:^|/)mangazero ([a-z][^\n#]*)", code, re.MULTILINE):
            words = call.split()
            name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
            assert name is not None, call
            options = {opt for each in known[name].params for opt in each.opts}
            used = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", call))
            assert used - options == set(), call


def test_every_command_and_option_is_in_the_reference() -> None:
    told = (REFERENCE / "cli.md").read_text()
    for name, command in commands().items():
        if hasattr(command, "commands"):
            continue
        assert f"## `mangazero {name}`" in told
        section = told.split(f"## `mangazero {name}`")[1].split("\n## ")[0]
        options = [each.opts[0] for each in command.params if each.opts[0].startswith("-")]
        assert options
        assert [option for option in options if option not in section] == []


def test_every_exit_code_is_in_the_reference() -> None:
    told = (REFERENCE / "exit-codes.md").read_text()
    for error in {*StopRun.__subclasses__(), *MangaZeroError.__subclasses__()}:
        if error.exit_code != MangaZeroError.exit_code:
            assert f"| {error.exit_code} | {error.__name__} |" in told


def test_every_table_is_in_the_reference() -> None:
    told = (REFERENCE / "tables.md").read_text()
    for table in ALL:
        assert re.search(
            rf"\| `{table.name}` \| {table.stage} \|.*\| `{table.record.__name__}` \|", told
        )


@pytest.mark.parametrize(
    ("page", "record"),
    [
        ("profiles.md", Profile),
        ("manifests.md", SeriesEntry),
        ("manifests.md", SyntheticSource),
        ("manifests.md", MangaDexSource),
        ("manifests.md", Tombstones),
        ("shard-format.md", ShardPage),
        ("shard-format.md", Sample),
    ],
)
def test_every_field_is_in_the_reference(page: str, record: type[Record]) -> None:
    told = (REFERENCE / page).read_text()
    for name, field in record.model_fields.items():
        inner = field.annotation
        if record is Profile and isinstance(inner, type) and issubclass(inner, Record):
            assert f"## `[{name}]`" in told
            section = told.split(f"## `[{name}]`")[1].split("\n## ")[0]
            rows = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
            assert rows == set(inner.model_fields)
        else:
            assert f"`{name}`" in told, name


def test_defaults_in_the_profile_reference_are_those_of_the_code() -> None:
    told = (REFERENCE / "profiles.md").read_text()
    profile = Profile(name="any", manifest="any.toml", workspace="work/any")
    parts = [name for name, value in profile if isinstance(value, Record)]
    assert {"mangadex", "screen", "shard"} <= set(parts)
    for part in parts:
        for key, value in getattr(profile, part).model_dump().items():
            section = told.split(f"## `[{part}]`")[1].split("\n## ")[0]
            (default,) = re.findall(rf"^\| `{key}` \|.*\| `?([^|`]+)`? \|$", section, re.MULTILINE)
            assert default == as_told(value), key


def as_told(value: object) -> str:
    """A default as the reference writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value) or "empty"


def test_toml_examples_are_accepted() -> None:
    (profile,) = blocks_in(DOCS / "how-to/change-parameters.md", "toml")
    assert Profile.model_validate(tomllib.loads(profile)).screen.min_side_px == 600
    (facts,) = blocks_in(DOCS / "how-to/own-pages.md", "toml")
    source = {"kind": "folder", "path": "."}
    entry = SeriesEntry.model_validate({"slug": "any", "source": source, **tomllib.loads(facts)})
    assert entry.licence == "CC-BY-4.0"
    for block in blocks_in(REFERENCE / "manifests.md", "toml"):
        assert tomllib.loads(block)


def test_examples_that_open_shards_run_as_pasted(tmp_path: Path) -> None:
    """In the base environment, which has no torch, and with nothing but the shards there."""
    plan = small_build(tmp_path)
    (tmp_path / "work" / "sample").symlink_to(plan.workspace.root, target_is_directory=True)
    tutorial = blocks_in(DOCS / "tutorial/first-shards.md", "python")
    examples = [*tutorial, *blocks_in(DOCS / "how-to/read-the-shards.md", "python")]
    assert (len(tutorial), len(examples)) == (1, 3)
    without_torch = "import sys; sys.modules['torch'] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", without_torch + "\n".join(examples)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    pages = sum(shard_pages(plan.workspace.shards_folder))
    assert len([line for line in said if line.endswith("panels, CC0-1.0")]) == pages
    assert len([line for line in said if "/panel" in line and "layout" not in line]) > pages
    assert said[-1] == "all is as the index says"


def shard_pages(folder: Path) -> list[int]:
    """Page images in each tar: it has two members for each."""
    counts = []
    for path in folder.glob("*.tar"):
        with tarfile.open(path) as tar:
            counts.append(len(tar.getnames()) // 2)
    return counts


def test_the_picture_of_the_readme_stays_small() -> None:
    assert (DOCS / "pictures" / "sample.png").stat().st_size < 250_000


@pages
def test_no_path_of_a_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(work|tmp|root|home|Users)/", page.read_text())
