"""Names that no name server could be asked for: told as names that there are not."""

from __future__ import annotations

import pytest

from pipeline.core.errors import Unreachable
from pipeline.ports.mangadex.exchange import new_http
from pipeline.ports.mangadex.images import Body, Failure, Fault, get_picture
from schemas.profile import MangaDexParams
from tests.support.asking import halts, use_at
from tests.support.one_picture import TOKEN
from tests.support.virtual_time import run_virtual


@pytest.mark.parametrize("host", ["a..test", "a" * 64 + ".test", "xn--.test"])
def test_a_name_that_is_none_is_a_failure_of_the_node(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")

    async def named() -> Body | Failure:
        async with new_http(MangaDexParams()) as http:
            return await get_picture(http, f"http://{host}/{TOKEN}", {})

    result = run_virtual(named())
    assert isinstance(result, Failure)
    assert result.fault is Fault.UNREACHED
    assert TOKEN not in result.detail


def test_a_name_that_is_none_is_told_as_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    for host in ("a..test", "a" * 64 + ".test"):
        words = f"there is no such host as {host}"
        run_virtual(use_at(f"http://{host}", lambda api, w=words: halts(api, Unreachable, w)))
