"""Bad input, each through the real command: one clear line, an exit code of its own."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.support.commands import Said, say, small_manifests
from tests.support.pictures import png_that_declares


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_manifests(tmp_path_factory.mktemp("intent") / "manifests")


def run(manifests: Path, *options: str | Path) -> Said:
    return say("pipeline.cli.main", "run", "--workers", "0", *options, manifests=manifests)


def only_line(said: Said) -> str:
    lines = said.err.strip().splitlines()
    assert len(lines) == 1, said.err
    return lines[0]


def test_an_empty_folder(tmp_path: Path, manifests: Path) -> None:
    said = run(manifests, "--pages", tmp_path, "--work", tmp_path / "work")
    assert said.code == 3
    assert "no pages in it; put images" in only_line(said)


def test_a_series_with_no_readable_page(tmp_path: Path, manifests: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "1.png").write_bytes(b"not a picture")
    said = run(manifests, "--pages", pages, "--work", tmp_path / "work")
    assert said.code == 4
    assert "no page is left after the screen (1 undecodable)" in only_line(said)


@pytest.mark.parametrize(
    ("member", "content", "why"),
    [("../../up.png", b"x", "leads out of it"), ("big.png", bytes(40_000_000), "unpacks to")],
)
def test_an_unsafe_archive(
    tmp_path: Path, manifests: Path, member: str, content: bytes, why: str
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    with zipfile.ZipFile(pages / "a.cbz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    said = run(manifests, "--pages", pages, "--work", tmp_path / "work")
    assert said.code == 5
    assert why in only_line(said)
    assert "remove the archive and run again" in only_line(said)


def test_a_picture_that_declares_ten_thousand_million_pixels(
    tmp_path: Path, manifests: Path
) -> None:
    work = tmp_path / "work"
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "bomb.png").write_bytes(png_that_declares(100_000, 100_000))
    said = run(manifests, "--pages", pages, "--work", work)
    assert said.code == 4
    assert "1 decompression_bomb" in only_line(said)


def test_a_manifest_with_an_unknown_key(tmp_path: Path) -> None:
    own = small_manifests(tmp_path / "manifests")
    text = (own / "small.toml").read_text()
    (own / "small.toml").write_text(text.replace('title = "Ink"', 'title = "Ink"\ncolor = "drop"'))
    said = run(own, "--profile", "small", "--work", tmp_path / "work")
    assert said.code == 2
    line = only_line(said)
    assert "small.toml: series[0].color: unknown key; accepted: attribution, cap" in line


def test_a_duplicate_slug(tmp_path: Path) -> None:
    own = small_manifests(tmp_path / "manifests")
    text = (own / "small.toml").read_text()
    (own / "small.toml").write_text(text.replace('slug = "reed"', 'slug = "ink"'))
    said = run(own, "--profile", "small", "--work", tmp_path / "work")
    assert said.code == 2
    assert "duplicate slug ink" in only_line(said)


def test_a_profile_that_does_not_exist(tmp_path: Path, manifests: Path) -> None:
    said = run(manifests, "--profile", "huge", "--work", tmp_path / "work")
    assert said.code == 2
    assert "there are: mangazero, pages, sample, small" in only_line(said)


def test_a_workspace_that_another_run_holds(tmp_path: Path, manifests: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    holder = os.open(work / "lock", os.O_RDWR | os.O_CREAT)
    os.write(holder, b'{"pid": 4711, "host": "desk", "since": "2026-01-01T00:00:00+00:00"}')
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        said = run(manifests, "--profile", "small", "--work", work)
    finally:
        os.close(holder)
    assert said.code == 6
    assert "held by process 4711 on desk" in only_line(said)


def test_a_workspace_that_cannot_be_written(tmp_path: Path, manifests: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    said = run(manifests, "--profile", "small", "--work", blocked / "work")
    assert said.code == 8
    assert "WORK=" in only_line(said)


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path, manifests: Path) -> None:
    work = tmp_path / "work"
    command = [sys.executable, "-m", "pipeline.cli.main", "run", "--profile", "small"]
    with subprocess.Popen(
        [*command, "--workers", "0", "--work", str(work)],
        env={**os.environ, "MANGAZERO_MANIFESTS": str(manifests)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not (work / "journal" / "fetch").exists():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip().splitlines()[-1].startswith("mangazero: stopped: run the same command again")
    assert run(manifests, "--profile", "small", "--work", work).code == 0
