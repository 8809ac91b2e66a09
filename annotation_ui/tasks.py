"""The form of a Label Studio task: what is imported there, and what comes back with the answers."""

from __future__ import annotations

from schemas.record import Pixel, Record, Slug


class Crop(Record):
    """One picture of a sheet, in the form of a dynamic choice."""

    value: str
    html: str


class SheetContent(Record):
    """The `data` of a task. What the annotator sees, and what reading the answer needs."""

    task_key: str
    config: str
    series: Slug
    identity: str
    title: str
    priority: str
    """Sorts as text: larger clusters come first."""
    anchor: str
    """The crop that all sheets of the cluster share; empty if there is one sheet only."""
    boxes: dict[str, tuple[Pixel, Pixel, Pixel, Pixel]]
    """Character id -> the box that is shown, page-image pixels."""
    crops: tuple[Crop, ...]


class Marks(Record):
    """The crops of a sheet that a model suspects, as Label Studio wants them."""

    choices: tuple[str, ...]


class MarkedControl(Record):
    """One pre-filled control."""

    from_name: str
    to_name: str
    type: str
    value: Marks


class Prediction(Record):
    """A pre-annotation: what is checked before the annotator has done anything."""

    model_version: str
    result: tuple[MarkedControl, ...]


class Sheet(Record):
    """A Label Studio task, ready to be dumped as JSON."""

    data: SheetContent
    predictions: tuple[Prediction, ...]
