"""Which models a detector's answers depend on, checked against manifests/models.toml."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from pipeline.core.errors import BadConfig, MissingPart
from pipeline.core.hashing import digest_of
from pipeline.manifests import load_models
from pipeline.ports.classical.lines import model_hashes
from pipeline.ports.detectors import ClassicalSpec
from pipeline.ports.protocols import DetectorSpec
from schemas.profile import PinnedModel
from schemas.receipts import ModelPin


def classical_pins(manifests: Path, spec: ClassicalSpec) -> tuple[ModelPin, ...]:
    """The models whose answers detection depends on. Raises MissingPart if one is not as pinned."""
    pins = {model.name: model for model in load_models(manifests).model}
    names = ["rapidocr", "animeface"] if spec.faces_python else ["rapidocr"]
    unpinned = [name for name in names if name not in pins]
    if unpinned:
        raise BadConfig(f"{manifests / 'models.toml'}: no pin for {', '.join(unpinned)}")
    _refuse_other_reader(pins["rapidocr"])
    return tuple(
        ModelPin(name=name, revision=pins[name].revision, sha256=digest_of(pins[name].sha256))
        for name in names
    )


def _refuse_other_reader(pin: PinnedModel) -> None:
    installed = version(pin.package)
    if installed != pin.revision:
        raise MissingPart(
            f"{pin.package} {installed} is installed, manifests/models.toml pins "
            f"{pin.revision}: run make setup, or change the pin"
        )
    others = [name for name, sha256 in model_hashes().items() if pin.sha256.get(name) != sha256]
    if others:
        raise MissingPart(
            f"{pin.package}: {', '.join(others)} is not the file that manifests/models.toml pins: "
            "install the package anew, or change the pin"
        )


def drawn_pins(spec: DetectorSpec) -> tuple[ModelPin, ...]:
    """What stands for a model where the truth is known: the detector and how it was asked for."""
    return (ModelPin(name=type(spec).__name__, revision=digest_of(repr(spec))[:16]),)
