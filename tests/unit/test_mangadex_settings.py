"""Settings of MangaDex: the environment's word, and what is refused before anything is asked."""

from __future__ import annotations

import pytest

from pipeline.core.errors import BadConfig
from pipeline.ports.mangadex.settings import (
    check,
    is_loopback,
    needs_consent,
    user_agent,
    with_environment,
)
from schemas.profile import MangaDexParams


def test_the_environment_overrides_the_profile() -> None:
    environ = {
        "MANGAZERO_MANGADEX_API_URL": "http://127.0.0.1:1",
        "MANGAZERO_MANGADEX_REPORT_URL": "http://127.0.0.1:2",
        "MANGAZERO_ALLOW_LOOPBACK": "1",
    }
    found = with_environment(MangaDexParams(quality="data-saver"), environ)
    assert (found.api_url, found.report_url) == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert found.allow_loopback
    assert found.quality == "data-saver"


def test_an_empty_or_absent_variable_overrides_nothing() -> None:
    params = MangaDexParams(allow_loopback=True)
    assert with_environment(params, {}) == params
    assert with_environment(params, {"MANGAZERO_MANGADEX_API_URL": " "}) == params
    assert not with_environment(params, {"MANGAZERO_ALLOW_LOOPBACK": "0"}).allow_loopback


def test_a_switch_is_on_or_off() -> None:
    with pytest.raises(BadConfig, match="MANGAZERO_ALLOW_LOOPBACK='yes': write 1"):
        with_environment(MangaDexParams(), {"MANGAZERO_ALLOW_LOOPBACK": "yes"})


def test_the_defaults_and_an_emulator_pass() -> None:
    check(MangaDexParams())
    check(
        MangaDexParams(
            api_url="http://[::1]:80/api/",
            report_url="http://localhost:9",
            api_interval_s=0,
            at_home_interval_s=0,
        )
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.mangadex.org",
        "ftp://api.mangadex.org",
        "https://",
        "https:///manga",
        "https://api mangadex.org",
        "https://api.mangadex.org:99999",
        "https://api.mangadex.org:port",
        "https://[::1",
        "https://me:secret@api.mangadex.org",
        "https://api.mangadex.org?x=1",
        "https://api.mangadex.org/#a",
        "http://api.mangadex.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "https://api..mangadex.org",
        "https://.mangadex.org",
        f"https://{'a' * 64}.mangadex.org",
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_in_one_line(url: str) -> None:
    for name in ("api_url", "report_url"):
        with pytest.raises(BadConfig, match=rf"^mangadex\.{name} [^\n]+$"):
            check(MangaDexParams.model_validate({name: url}))


def test_no_message_repeats_a_password() -> None:
    with pytest.raises(BadConfig) as caught:
        check(MangaDexParams(api_url="https://me:secret@api.mangadex.org"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("api_interval_s", 0.19), ("at_home_interval_s", 1.49), ("at_home_interval_s", float("nan"))],
)
def test_faster_than_the_limits_only_on_loopback(name: str, seconds: float) -> None:
    params = MangaDexParams().model_copy(update={name: seconds})
    with pytest.raises(BadConfig, match=rf"{name} = .* is faster than MangaDex allows"):
        check(params)
    check(params.model_copy(update={"api_url": "http://127.0.0.1:1"}))


def test_consent_is_needed_for_what_is_real() -> None:
    assert needs_consent(MangaDexParams())
    assert needs_consent(MangaDexParams(api_url="https://mirror.example.org"))
    assert not needs_consent(MangaDexParams(consent=True))
    assert not needs_consent(MangaDexParams(api_url="http://127.0.0.1:80"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9", True),
        ("https://[::1]:5/x", True),
        ("http://localhost", True),
        ("http://LOCALHOST", True),
        ("http://0.0.0.0", False),
        ("https://api.mangadex.org", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


def test_the_user_agent_says_who_we_are() -> None:
    assert user_agent(MangaDexParams(contact="me@example.org")).endswith(" (me@example.org)")
    assert user_agent(MangaDexParams()).startswith("mangazero/")
    with pytest.raises(BadConfig, match="contact goes into a header"):
        check(MangaDexParams(contact="me\r\nX-Forged: 1"))
