"""What the trainer gets: one sample row a panel, shards of page images, and their index."""

from __future__ import annotations

from pydantic import Field

from schemas.identities import Status
from schemas.pages import Direction
from schemas.record import Boxed, Record, Sha256, Slug
from schemas.series import Split


class Caption(Record):
    """What a captioner says of a panel. `source` never claims another captioner's name."""

    id: str = Field(description="the panel's id")
    series: Slug
    page_image: str
    source: str = Field(description="layout-template/v1: made from boxes, no model saw the picture")
    text: str


class SampleCharacter(Boxed):
    """A character of a panel, box in page-image pixels."""

    id: str
    identity: str = Field(description="empty where nobody proposed one")
    identity_status: Status
    has_face: bool
    confidence: float


class SampleDialog(Boxed):
    """A dialog of a panel, box in page-image pixels, in reading order."""

    id: str
    text: str
    orientation: str
    confidence: float


class Sample(Boxed):
    """One panel with everything that is known of it. Box: page-image pixels."""

    id: str = Field(description="the panel's id")
    series: Slug
    chapter: Slug
    page_image: str
    order: int = Field(description="reading order of the panel on its page image, from 0")
    confidence: float
    is_uncertain: bool
    caption: str
    caption_source: str
    characters: tuple[SampleCharacter, ...]
    dialogs: tuple[SampleDialog, ...]
    title: str
    language: str
    direction: Direction
    detector: str
    licence: str
    attribution: str
    split: Split


class ShardPage(Record):
    """The JSON member of a shard sample: a page image with all of its panels.

    The same fields in every sample, names without dots or capitals. Boxes are xyxy in
    pixels of the sample's own picture.
    """

    key: str
    page_image: str
    series: Slug
    chapter: Slug
    order: int
    split: Split
    width: int
    height: int
    x_offset: int
    is_double: bool
    direction: Direction
    language: str
    title: str
    licence: str
    attribution: str
    left_page: str
    right_page: str
    left_sha256: Sha256
    right_sha256: str
    picture_sha256: Sha256
    picture_media_type: str = Field(description="of the .jpg member, which keeps original bytes")
    picture_is_original: bool = Field(description="false where two pages were joined")
    panels: tuple[Sample, ...]


class Shard(Record):
    """One tar file."""

    id: str = Field(description="file name without .tar")
    split: Split
    sha256: Sha256
    n_bytes: int
    pages: int
    panels: int
    characters: int
    dialogs: int
    series: tuple[str, ...]
    licences: tuple[str, ...]
    attributions: tuple[str, ...]


class ShardIndex(Record):
    """shards/index.json: the product at a glance."""

    format: str
    shards: tuple[Shard, ...]
    pages: int
    panels: int
    characters: int
    dialogs: int
    by_split: dict[str, int] = Field(description="split -> page images")
    licences: tuple[str, ...]
    attributions: tuple[str, ...] = Field(description="who has to be named with these shards")
