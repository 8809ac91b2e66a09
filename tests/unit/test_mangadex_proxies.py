"""The operator's proxy is used as everywhere; nothing else of the environment is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import BadConfig, ProxyInTheWay, Unreachable
from pipeline.ports.mangadex.proxies import proxy_for
from tests.support.asking import CHAPTER, ID, asked, halts, use_at
from tests.support.scripted import Answer, scripted
from tests.support.virtual_time import run_virtual

API = "https://api.mangadex.org/manga"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_a_proxy_nothing_is_added() -> None:
    assert proxy_for(API) == {}


@pytest.mark.parametrize("written", ["http://proxy.test:3128", "proxy.test:3128"])
def test_https_proxy_is_taken(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", written)
    assert proxy_for(API) == {"proxy": "http://proxy.test:3128"}
    assert proxy_for("http://127.0.0.1:99/x") == {}
    assert proxy_for("https://localhost:99/x") == {}


def test_no_proxy_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test")
    monkeypatch.setenv("no_proxy", "mangadex.org")
    assert proxy_for(API) == {}
    assert proxy_for("https://x.mangadex.network/a") == {"proxy": "http://proxy.test:80"}


def test_a_login_goes_to_the_proxy_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:p%40ss@[::1]:3128")
    assert proxy_for(API) == {
        "proxy": "http://[::1]:3128",
        "proxy_headers": {"Proxy-Authorization": "Basic bWU6cEBzcw=="},
    }


@pytest.mark.parametrize(
    "written",
    [
        *("socks5://me:secret@proxy.test", "https://p:secret@x", "http://", "http://[::secret"),
        *("http://me:secret@proxy.test:port", "http://secret..test", "proxy.test:99999"),
    ],
)
def test_a_proxy_of_another_kind_is_refused_without_its_login(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", written)
    with pytest.raises(BadConfig, match="https_proxy names a proxy that is not http") as caught:
        proxy_for(API)
    assert "secret" not in str(caught.value)


def test_a_proxy_that_adds_via_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        answer = Answer(body=CHAPTER.body, headers={"Via": "1.1 squid"})
        async with scripted(lambda _: answer) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url)
            await use_at("http://api.test", lambda api: halts(api, ProxyInTheWay, "Via: 1.1 squid"))
            assert len(proxy.seen) == 1

    run_virtual(run())


def test_a_proxy_that_nobody_answers_at_is_named_without_its_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://me:secret@127.0.0.1:1")
    words = r"the proxy on the way to api.test fails (?!.*secret)"
    run_virtual(use_at("http://api.test", lambda api: halts(api, Unreachable, words)))


def test_netrc_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    _, server = asked(lambda _: CHAPTER, lambda api: api.chapter(ID))
    assert "Authorization" not in server.seen[0].headers
