"""`mangazero run` in this process: summary, JSON, notices, redo, problems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from pipeline.cli.opening import named_folders, open_plan
from pipeline.cli.run import run
from pipeline.core.errors import BadConfig, ItemsFailed, MissingPart, NothingToRead, UnsafePictures
from tests.support.commands import small_manifests
from tests.support.pictures import png_that_declares

app = typer.Typer()
app.command()(run)


@pytest.fixture
def manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = small_manifests(tmp_path / "manifests")
    monkeypatch.setenv("MANGAZERO_MANIFESTS", str(folder))
    monkeypatch.setenv("MANGAZERO_FACES_PYTHON", "")
    return folder


def say(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--workers", "0"], env={"COLUMNS": "120"})


def test_first_and_second_run_and_redo(manifests: Path, tmp_path: Path) -> None:
    options = ("--profile", "small", "--work", str(tmp_path / "work"))
    first = say(*options)
    assert first.exit_code == 0, first.output
    assert "assemble reed" in first.output
    assert "sha256" in first.output
    assert "panels, IoU 0.5                P 1.000  R 1.000  F1 1.000" in first.output
    assert first.stdout.endswith("\nstatus: complete\n")
    again = say(*options)
    assert "Everything is done already" in again.output
    assert again.stdout.endswith("\nstatus: complete\n")

    told = json.loads(say(*options, "--redo", "caption", "--json").stdout)
    ran = {(stage["stage"], stage["scope"]) for stage in told["stages"] if not stage["was_done"]}
    assert ran == {("caption", "ink"), ("caption", "reed")}
    assert all(shard["sha256"] for shard in told["shards"])
    assert told["status"] == "complete"
    misspelt = say(*options, "--redo", "captoin")
    assert misspelt.exit_code == BadConfig.exit_code
    assert "no stage 'captoin'; there are: resolve, " in misspelt.stderr
    nobody = say(*options, "--series", "nobody")
    assert (nobody.exit_code, nobody.stdout) == (2, "status: stopped\n")
    assert "no series 'nobody' in " in nobody.stderr


def test_a_lost_blob_fails_its_items_and_redo_brings_it_back(
    manifests: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    options = ("--profile", "small", "--work", str(work), "--series", "reed")
    assert say(*options).exit_code == 0
    for blob in (work / "blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()
    failed = say(*options, "--redo", "screen")
    assert failed.exit_code == ItemsFailed.exit_code
    assert "3 items failed, first in screen of reed" in failed.stderr
    assert failed.stdout.endswith("\nstatus: partial\n")
    assert say(*options, "--redo", "fetch").exit_code == 0


def test_a_bomb_among_good_pages_is_told_at_the_end(manifests: Path, tmp_path: Path) -> None:
    profile = manifests / "profiles" / "pages.toml"
    profile.write_text(
        profile.read_text() + '\n[detect]\ndetector = "random"\n\n[screen]\nmin_side_px = 10\n'
    )
    pages = tmp_path / "pages"
    pages.mkdir()
    Image.effect_noise((120, 170), 90).save(pages / "1.png")
    (pages / "2.png").write_bytes(png_that_declares(100_000, 100_000))
    said = say("--pages", str(pages), "--work", str(tmp_path / "work"))
    assert said.exit_code == UnsafePictures.exit_code
    assert "1 decompression_bomb" in said.output
    assert "note: pages: licence unknown" in said.output
    assert (tmp_path / "work" / "shards" / "index.json").exists()


def test_own_pages_have_a_workspace_of_their_own(manifests: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    plan = open_plan("sample", None, [str(one)])
    other = open_plan("sample", None, [f"{one} {two}"])
    try:
        assert plan.profile.name == "pages"
        assert plan.slugs == ("one",)
        assert other.slugs == ("one", "two")
        assert plan.workspace.root != other.workspace.root
        again = open_plan("sample", other.workspace.root)
        assert again.slugs == ("one", "two")
    finally:
        for made in (plan, other):
            made.workspace.generated_manifest_path.unlink()
            made.workspace.root.rmdir()
    with pytest.raises(NothingToRead):
        open_plan("sample", tmp_path / "work", [str(tmp_path / "none")])


def test_one_value_may_name_several_folders(tmp_path: Path) -> None:
    spaced = tmp_path / "with space"
    spaced.mkdir()
    assert named_folders([str(spaced)]) == [spaced]
    assert named_folders(["a 'b c'"]) == [Path("a"), Path("b c")]
    assert named_folders(None) == []


@pytest.mark.parametrize(
    ("pinned", "other", "complaint"),
    [
        ('revision = "3.10.0"', 'revision = "3.9.0"', "rapidocr 3.10.0 is installed"),
        ('small.onnx" = "09', 'small.onnx" = "10', "PP-OCRv6_det_small.onnx is not the file"),
    ],
)
def test_a_model_that_is_not_as_pinned_stops_the_run(
    manifests: Path, tmp_path: Path, pinned: str, other: str, complaint: str
) -> None:
    models = manifests / "models.toml"
    text = models.read_text()
    assert pinned in text
    models.write_text(text.replace(pinned, other))
    profile = manifests / "profiles" / "small.toml"
    profile.write_text(profile.read_text().replace("oracle", "classical"))
    said = say("--profile", "small", "--work", str(tmp_path / "work"))
    assert said.exit_code == MissingPart.exit_code
    assert complaint in said.stderr
    assert said.stderr.count("\n") == 1
    assert said.stdout.endswith("status: stopped\n")
