"""What an answer means: whose 404 it is (E6), and which refusals pass by themselves."""

from __future__ import annotations

import json

import pytest

from pipeline.core.errors import Retryable, ServerTrouble
from pipeline.ports.mangadex.api import Api
from pipeline.ports.mangadex.exchange import Reply
from pipeline.ports.mangadex.replies import Meaning, read_reply
from tests.support.asking import CHAPTER, ID, asked, halts
from tests.support.scripted import Answer

ERROR = {"result": "error", "errors": [{"status": 404, "detail": "Chapter not found"}]}
FOREIGN = [b"", b"<html>nginx</html>", b"null", b"[]", b"{}", b'{"message": "no Route"}', b'"gone"']


def meaning(status: int, body: bytes) -> Meaning:
    return read_reply(Reply(status, {}, body, 0, 0)).meaning


@pytest.mark.parametrize("status", [404, 410])
def test_e6_only_the_api_itself_says_that_something_is_gone(status: int) -> None:
    for own in (ERROR, {"result": "error"}, {"errors": ERROR["errors"]}):
        assert meaning(status, json.dumps(own).encode()) is Meaning.GONE
    for foreign in FOREIGN:
        assert meaning(status, foreign) is Meaning.TROUBLE


@pytest.mark.parametrize("status", [404, 410])
def test_e6_a_404_of_somebody_else_is_no_missing_chapter(status: int) -> None:
    async def use(api: Api) -> None:
        await api.chapter(ID)
        for call in (api.chapter, api.at_home, api.series):
            with pytest.raises(Retryable, match=rf"{status} that is not the API's own, 6 times"):
                await call(ID)
        await halts(api, ServerTrouble, f"{status} that is not the API's own")

    asked(lambda seen: Answer(status, "<h1>nginx</h1>") if seen.number else CHAPTER, use)


@pytest.mark.parametrize("status", [408, 425])
def test_too_late_and_too_early_are_tried_again(status: int) -> None:
    async def use(api: Api) -> None:
        assert await api.chapter(ID)

    asked(lambda seen: CHAPTER if seen.number else Answer(status, ""), use)


@pytest.mark.parametrize(
    ("said", "least"), [("5", 5.0), ("8", 8.0), ("3600", 8.0), ("soon", 0.5), ("-4", 0.5)]
)
def test_a_503_says_how_long_to_wait_up_to_our_longest_pause(said: str, least: float) -> None:
    busy = Answer(503, "", {"Retry-After": said})
    _, server = asked(lambda seen: CHAPTER if seen.number else busy, lambda api: api.chapter(ID))
    assert least <= server.gaps()[0] <= least * 1.5 + 0.26
