"""For sources on this machine: one page after another, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline.core.errors import BadItem, Retryable
from pipeline.ports.protocols import Delivered, Missing, Shelf
from schemas.pages import PlannedPage


def bring_each(
    read: Callable[[PlannedPage], bytes], pages: Sequence[PlannedPage], shelf: Shelf
) -> Iterator[Delivered | Missing | None]:
    """What `read` gives goes onto the shelf; what it refuses is missing, with its words."""
    for page in pages:
        try:
            content = read(page)
        except (BadItem, Retryable) as error:
            yield Missing(page.id, type(error).__name__, str(error))
        else:
            yield Delivered(page.id, shelf.keep(page, content))
