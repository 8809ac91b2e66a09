"""Truth files of real pages: labels that people drew, in pixels, with the pictures beside them.

The form, of which only `pages` has to be there:

    {"pages": {"01": {"image": "01.jpg", "width": 600, "height": 837,
                      "reading_direction": "rtl", "transcript": "...",
                      "panels": [{"order": 0, "bbox_xyxy": [x1, y1, x2, y2]}],
                      "regions": [{"bbox_xyxy": [x1, y1, x2, y2]}]}}}

and for faces, listed as far as somebody looked at them:

    {"pages": {"01": [{"face_bbox_xyxy": [x1, y1, x2, y2], "identity": "haruko"}]}}

Unknown keys are passed over: the files carry more than we read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import AliasChoices, AllowInfNan, BaseModel, ConfigDict, Field, ValidationError

from pipeline.core.errors import BadConfig, NothingToRead
from pipeline.manga.scoring import PageLabels
from pipeline.ports.folder import IMAGE_SUFFIXES
from schemas.boxes import Box
from schemas.pages import Direction

NO_FACE: Final = "not_a_face_or_not_human"
"""The identity of a box that somebody looked at and found to be no face."""

FACES_BESIDE: Final = "identity_labels.json"
"""The face list that is used where none is named: the file of this name beside the truth."""

_Corner = Annotated[float, AllowInfNan(False)]
_Corners = tuple[_Corner, _Corner, _Corner, _Corner]


class _Foreign(BaseModel):
    """A part of a file that is not ours."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Shape(_Foreign):
    bbox_xyxy: _Corners
    order: int | None = None


class _Page(_Foreign):
    panels: tuple[_Shape, ...] | None = None
    regions: tuple[_Shape, ...] | None = None
    transcript: str | None = None
    width: int | None = Field(default=None, ge=1)
    height: int | None = Field(default=None, ge=1)
    reading_direction: Direction | None = None
    image: str = ""


class _TruthFile(_Foreign):
    pages: dict[str, _Page] = Field(min_length=1)
    reading_direction: Direction = "rtl"


class _Face(_Foreign):
    face_bbox_xyxy: _Corners = Field(validation_alias=AliasChoices("face_bbox_xyxy", "bbox_xyxy"))
    identity: str = ""


class _FaceFile(_Foreign):
    pages: dict[str, tuple[_Face, ...]]


_File = TypeVar("_File", bound=_Foreign)


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A picture with its truth. `labels` are in pixels of a page of `size` (None: the picture's
    own size) and may overhang it.
    """

    key: str
    path: Path
    direction: Direction
    size: tuple[int, int] | None
    labels: PageLabels


def labelled_pages(
    folder: Path, truth: Path, faces: Path | None = None, limit: int | None = None
) -> list[LabelledPage]:
    """The pages that the truth file names, in its order, at most `limit` of them.

    Without `faces` the list beside the truth is taken, if there is one. Raises NothingToRead
    if the folder or the picture of a page is missing, BadConfig if a file is not of the form.
    """
    if not folder.is_dir():
        raise NothingToRead(
            f"{folder}: there is no such folder; --pages names that of the pictures"
        )
    told = _read(truth, _TruthFile)
    beside = truth.with_name(FACES_BESIDE)
    listed = faces or (beside if beside.is_file() else None)
    face_pages = {} if listed is None else _read(listed, _FaceFile).pages
    pictures = sorted(path for path in folder.iterdir() if _is_picture(path))
    return [
        LabelledPage(
            key=key,
            path=_picture_of(key, page.image, folder, pictures),
            direction=page.reading_direction or told.reading_direction,
            size=(page.width, page.height) if page.width and page.height else None,
            labels=_labels(key, page, face_pages.get(key)),
        )
        for key, page in list(told.pages.items())[:limit]
    ]


def _read(path: Path, form: type[_File]) -> _File:
    try:
        return form.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadConfig(f"{path}: there is no such file") from None
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadConfig(f"{path}: {where}: {first['msg']}") from None
    except ValueError as error:  # not JSON, or not UTF-8
        raise BadConfig(f"{path}: not valid JSON: {error}") from None


def _is_picture(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES


def _picture_of(key: str, image: str, folder: Path, pictures: Sequence[Path]) -> Path:
    """By the name given, by that name with another suffix, then by the key."""
    for name in filter(None, (image, Path(image).name, key)):
        if _is_picture(folder / name):
            return folder / name
    for stem in filter(None, (Path(image).stem, key, Path(key).stem)):
        for picture in pictures:
            if picture.stem == stem:
                return picture
    raise NothingToRead(
        f"{folder}: no picture of page '{key}' in it; looked for {image or f'{key}.jpg'} "
        "and for that name with other suffixes"
    )


def _labels(key: str, page: _Page, faces: Sequence[_Face] | None) -> PageLabels:
    panels = page.panels or ()
    is_ordered = all(panel.order is not None for panel in panels)
    in_order = sorted(panels, key=lambda panel: panel.order or 0) if is_ordered else panels
    named = [face for face in faces or () if face.identity != NO_FACE]
    false = [face for face in faces or () if face.identity == NO_FACE]
    return PageLabels(
        panels=None if page.panels is None else _boxes(key, [p.bbox_xyxy for p in in_order]),
        panels_in_order=is_ordered,
        regions=None if page.regions is None else _boxes(key, [r.bbox_xyxy for r in page.regions]),
        transcript=page.transcript,
        faces=None if faces is None else _boxes(key, [face.face_bbox_xyxy for face in named]),
        not_faces=_boxes(key, [face.face_bbox_xyxy for face in false]),
    )


def _boxes(key: str, corners: Sequence[_Corners]) -> tuple[Box, ...]:
    boxes = tuple(Box(*map(round, each)) for each in corners)
    for box, given in zip(boxes, corners, strict=True):
        if box.x2 < box.x1 or box.y2 < box.y1:
            raise BadConfig(f"page '{key}': bbox_xyxy {list(given)} is inverted; it is x1 y1 x2 y2")
    return boxes
