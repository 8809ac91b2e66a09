"""A profile: which manifest to build, where, and the parameters of every stage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.mangadex import ContentRating
from schemas.record import Record


class ScreenParams(Record):
    """Limits of the screen. They decide on measures that are taken once, so tuning them is free."""

    max_pixels: int = Field(
        default=120_000_000, ge=1, description="a picture that declares more is never decoded"
    )
    min_side_px: int = Field(default=300, ge=1)
    strip_ratio: float = Field(default=2.6, gt=1, description="height over width of a strip")
    blank_ink: float = Field(default=0.002, ge=0, le=1, description="less ink is a blank page")
    colour_chroma: float = Field(default=0.04, ge=0, le=1, description="more chroma is colour")
    near_duplicate_bits: int = Field(
        default=10, ge=0, le=256, description="difference hashes this close are one picture"
    )
    boilerplate_chapters: int = Field(
        default=3, ge=2, description="a picture in so many chapters is nobody's page"
    )


class PairParams(Record):
    """How single pages become double-page images."""

    cover: Literal["alone", "paired"] = Field(
        default="paired", description="whether the first page of a chapter stands alone"
    )
    spread_ratio: float = Field(
        default=1.15, gt=0, description="width over height from which a page is a spread already"
    )


class DetectParams(Record):
    """The detector and what it is allowed to say."""

    detector: Literal["classical", "oracle", "random"] = Field(
        default="classical",
        description="classical looks at pixels; oracle and random know drawn series only",
    )
    faces: bool = Field(default=True, description="look for faces (needs the face environment)")
    uncertain_below: float = Field(
        default=0.5, ge=0, le=1, description="panels below this confidence are marked uncertain"
    )


class IdentifyParams(Record):
    """How proposals are clustered. Smaller distances give more, purer clusters."""

    max_distance: float = Field(default=0.16, gt=0, le=2, description="cosine, complete linkage")


class CaptionParams(Record):
    """The captioner and its prompt, by its name in manifests/prompts."""

    captioner: Literal["layout-template"] = "layout-template"
    prompt: str = Field(default="layout-template-v1", min_length=1)
    include_dialogue: bool = False


class ShardParams(Record):
    """Size and shuffle of the tars."""

    target_bytes: int = Field(default=384_000_000, ge=10_000)
    seed: int = 0


class MangaDexParams(Record):
    """How MangaDex is asked. The defaults are its documented limits with a little to spare."""

    consent: bool = Field(
        default=False,
        description="you have read docs/explanation/rights.md and may download these series",
    )
    contact: str = Field(default="", description="an address for the User-Agent, if you like")
    api_url: str = "https://api.mangadex.org"
    report_url: str = "https://api.mangadex.network"
    allow_loopback: bool = Field(
        default=False, description="image hosts may be plain http on loopback: for an emulator"
    )
    ratings: tuple[ContentRating, ...] = Field(
        default=("safe", "suggestive", "erotica"), description="content ratings that are taken"
    )
    quality: Literal["data", "data-saver"] = "data"
    report: Literal["auto", "on", "off"] = Field(
        default="auto", description="tell the image network how its nodes did; auto gives up early"
    )
    api_interval_s: float = Field(
        default=0.25, ge=0, description="between requests; under 0.2 only on loopback"
    )
    at_home_interval_s: float = Field(
        default=1.52, ge=0, description="between leases; under 1.5 only on loopback"
    )
    pages_in_flight: int = Field(default=24, ge=1, le=32)
    pages_per_node: int = Field(default=6, ge=1, le=6)
    on_ban: Literal["stop", "wait"] = Field(
        default="stop", description="wait: sit the ban out, then ask once"
    )


class Profile(Record):
    """One way to build a dataset. Paths are relative to the checkout."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    manifest: str = Field(description="the series manifest, relative to manifests/")
    workspace: str = Field(description="where everything is kept, e.g. work/sample")
    workers: int = Field(default=2, ge=1, le=256, description="worker processes")
    mangadex: MangaDexParams = MangaDexParams()
    screen: ScreenParams = ScreenParams()
    pair: PairParams = PairParams()
    detect: DetectParams = DetectParams()
    identify: IdentifyParams = IdentifyParams()
    caption: CaptionParams = CaptionParams()
    shard: ShardParams = ShardParams()


class PinnedModel(Record):
    """A model that may be loaded, at exactly this revision."""

    name: str
    package: str = Field(default="", description="the package that carries the weights, if any")
    revision: str
    licence: str
    used_by: tuple[str, ...] = Field(min_length=1, description="stages")
    sha256: dict[str, str] = Field(default={}, description="file -> sha256, where pinned by file")


class ModelPins(Record):
    """manifests/models.toml."""

    model: tuple[PinnedModel, ...]


class Prompt(Record):
    """A versioned prompt or template: a change of its text is a change of its name."""

    name: str
    text: dict[str, str] = Field(min_length=1, description="named pieces")
