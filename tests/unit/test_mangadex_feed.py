"""A listing of more uploads than the paging reaches (E23), where the server leaves things out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking import ID, asked
from tests.support.scripted import Answer, Seen


def upload(number: int, created: str) -> dict[str, Any]:
    return {"id": f"{ID[:-5]}{number:05d}", "attributes": {"createdAt": created}}


@pytest.mark.parametrize(("with_time", "sent"), [(5000, "2024-01-01T00:00:00"), (0, None)])
def test_e23_without_a_time_there_is_nothing_to_go_on_from(
    with_time: int, sent: str | None
) -> None:
    """The last upload that says when it was made counts; where none does, the paging ends."""
    at = "2024-01-01T00:00:00+00:00"
    uploads = [upload(n, at if n < with_time else "") for n in range(10_001)]

    def script(seen: Seen) -> Answer:
        limit, offset = int(seen.value("limit")), int(seen.value("offset"))
        page = {"data": uploads[offset : offset + limit], "limit": limit, "total": len(uploads)}
        return Answer(body={"result": "ok", **page})

    found, server = asked(script, lambda api: api.chapters(ID, "en"))
    assert len(found) == 10_000
    assert {dict(each.query).get("createdAtSince") for each in server.seen} == {None, sent}
