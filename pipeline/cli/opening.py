"""From command-line options to a plan: profile, manifest, workspace, face environment."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from pipeline.core.errors import BadConfig
from pipeline.core.workspace import Workspace
from pipeline.manifests import load_profile, load_series, load_tombstones
from pipeline.own_pages import manifest_for_pages
from pipeline.ports.folder import slug_of
from pipeline.ports.mangadex.settings import check, with_environment
from pipeline.wiring import Plan
from schemas.profile import Profile

CHECKOUT: Final = Path(__file__).resolve().parents[2]
"""The checkout that this package is installed from: manifests and workspaces lie in it."""

ProfileOption = Annotated[
    str, typer.Option("--profile", "-p", help="A profile of manifests/profiles, by name.")
]
WorkOption = Annotated[
    Path | None,
    typer.Option(
        "--work", "--workspace", "-w", help="Workspace folder, in place of the profile's own."
    ),
]
ManifestOption = Annotated[
    Path | None,
    typer.Option("--manifest", help="A series manifest, in place of the profile's own."),
]
PagesOption = Annotated[
    list[str] | None,
    typer.Option("--pages", help="A folder of your own pages; give it again for more series."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def open_plan(
    profile_name: str,
    work: Path | None = None,
    pages: Sequence[str] | None = None,
    manifest: Path | None = None,
) -> Plan:
    """The plan that the options describe. Raises BadConfig or NothingToRead.

    Own pages have the profile "pages" unless another is named, and a workspace of their own.
    """
    manifests = manifests_folder()
    folders = [folder.resolve() for folder in named_folders(pages)]
    workspace = Workspace(work.resolve()) if work else _workspace_of(folders)
    has_own_pages = bool(folders) or (
        workspace is not None and workspace.generated_manifest_path.exists()
    )
    name = "pages" if has_own_pages and profile_name == "sample" else profile_name
    profile = profile_named(name)
    workspace = workspace or Workspace((CHECKOUT / profile.workspace).resolve())
    manifest_path = manifests / profile.manifest
    if folders:
        manifest_path = manifest_for_pages(folders, workspace)
    elif has_own_pages:
        manifest_path = workspace.generated_manifest_path
    if manifest is not None:
        if folders:
            raise BadConfig("--manifest and --pages both say what to build: give one of them")
        manifest_path = manifest.resolve()
    return Plan(
        profile=profile,
        manifest=load_series(manifest_path),
        manifest_path=manifest_path,
        workspace=workspace,
        manifests=manifests,
        faces_python=faces_python(),
        tombstones=load_tombstones(manifests),
    )


def manifests_folder() -> Path:
    """Where manifests and profiles lie."""
    return Path(os.environ.get("MANGAZERO_MANIFESTS", CHECKOUT / "manifests"))


def profile_named(name: str) -> Profile:
    """The profile, its MangaDex settings as the environment overrides them. Raises BadConfig."""
    profile = load_profile(manifests_folder(), name)
    params = with_environment(profile.mangadex, os.environ)
    check(params)
    return profile.model_copy(update={"mangadex": params})


def _workspace_of(folders: Sequence[Path]) -> Workspace | None:
    """work/pages-<name>-<hash of the paths>: other folders never meet in one workspace."""
    if not folders:
        return None
    told = hashlib.sha256("\n".join(map(str, folders)).encode()).hexdigest()[:6]
    return Workspace(CHECKOUT / "work" / f"pages-{slug_of(folders[0].name)}-{told}")


def named_folders(pages: Sequence[str] | None) -> list[Path]:
    """The folders that --pages or PAGES= names; one value may name several, as in a shell."""
    folders: list[Path] = []
    for value in pages or ():
        is_one = Path(value).exists() or not value.strip()
        folders += [Path(value)] if is_one else [Path(part) for part in shlex.split(value)]
    return folders


def faces_python() -> str:
    """The interpreter of the face environment; empty where there is none."""
    named = os.environ.get("MANGAZERO_FACES_PYTHON")
    path = Path(named) if named is not None else CHECKOUT / ".venv-faces" / "bin" / "python"
    return str(path) if path.is_file() else ""
