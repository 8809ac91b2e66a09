"""Which base URLs are asked for pictures (E30), and that names never become paths (E29)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from pipeline.ports.mangadex.hosts import (
    node_of,
    picture_path,
    picture_url,
    sha256_in,
    wants_reports,
    why_refused,
)

SHA = "0123456789abcdef" * 4
TOKEN = "https://cmdxd98sb0x3yprd.mangadex.network:44300/s3cr3t"


@pytest.mark.parametrize(
    "base_url",
    [
        "https://uploads.mangadex.org",
        "https://uploads.mangadex.org/",
        TOKEN,
        "https://mangadex.network",
        "https://a.b.mangadex.org:8443/x/y",
    ],
)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_hosts_of_mangadex_are_asked_over_https(base_url: str, allow_loopback: bool) -> None:
    assert why_refused(base_url, allow_loopback=allow_loopback) == ""


@pytest.mark.parametrize(
    ("base_url", "named"),
    [
        ("http://uploads.mangadex.org", "uploads.mangadex.org"),
        ("https://mangadex.org.evil.example/data", "mangadex.org.evil.example"),
        ("https://evilmangadex.org", "evilmangadex.org"),
        ("https://10.0.0.8/x", "10.0.0.8"),
        ("https://localhost.evil.example", "localhost.evil.example"),
        ("http://[fe80::1]", "fe80::1"),
        ("ftp://uploads.mangadex.org", "ftp://uploads.mangadex.org"),
        ("https://user:word@uploads.mangadex.org", "no base URL"),
        ("https://uploads.mangadex.org?x=1", "no base URL"),
        ("https://uploads.mangadex.org/#x", "no base URL"),
        ("https://uploads.mangadex.org\\@evil.example", "no base URL"),
        ("https://uploads.mangadex.org/\r\nX: y", "no base URL"),
        ("https://uploads.mangadex.org:0", "no base URL"),
        ("https://uploads.mangadex.org:99999", "no base URL"),
        ("https://[::1", "no base URL"),
        ("https:///data", "no base URL"),
        ("https://" + "x" * 3000 + ".mangadex.org", "no base URL"),
        ("https://a..mangadex.network/t", "no base URL: https://a..mangadex.network"),
        ("https://.mangadex.network/t", "no base URL"),
        ("https://" + "a" * 64 + ".mangadex.network", "no base URL"),
        ("", "no base URL"),
    ],
)
def test_e30_other_hosts_are_refused_by_name(base_url: str, named: str) -> None:
    refusal = why_refused(base_url, allow_loopback=True)
    assert named in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(
    ("base_url", "told"),
    [
        ("https://n1.mangadex.network/S3CR3T/?x=1", "no base URL: https://n1.mangadex.network"),
        (
            "https://n1.mangadex.network:444/S3CR3T/#x",
            "no base URL: https://n1.mangadex.network:444",
        ),
        ("https://u:S3CR3T@n1.mangadex.network/t", "no base URL: https://n1.mangadex.network"),
        ("https://S3CR3T@n1.mangadex.network:0", "no base URL: https://n1.mangadex.network:0"),
        ("ftp://n1.mangadex.network/S3CR3T", "no base URL: ftp://n1.mangadex.network"),
        ("https://n1.mangadex.network\\S3CR3T", "no base URL"),
        ("https://n1.mangadex.network:port/S3CR3T", "no base URL"),
        ("S3CR3T", "no base URL"),
        ("https:///S3CR3T", "no base URL"),
    ],
)
def test_e30_a_refusal_tells_scheme_host_and_port_only(base_url: str, told: str) -> None:
    assert why_refused(base_url, allow_loopback=False) == told


def test_a_label_of_63_letters_is_a_name() -> None:
    base_url = f"https://{'a' * 63}.mangadex.network/t"
    assert why_refused(base_url, allow_loopback=False) == ""


@pytest.mark.parametrize(
    "base_url",
    ["http://127.0.0.1:8000/t", "https://127.3.2.1", "http://[::1]:9", "http://localhost:8080"],
)
def test_e30_loopback_needs_the_flag(base_url: str) -> None:
    assert why_refused(base_url, allow_loopback=True) == ""
    assert why_refused(base_url, allow_loopback=False)


@given(st.text(max_size=60).map(lambda text: f"https://mangadex.org{text}") | st.text(max_size=60))
def test_e30_what_is_not_refused_leads_where_it_seems_to(base_url: str) -> None:
    if why_refused(base_url, allow_loopback=False):
        return
    url = URL(picture_url(base_url, f"data/x/1-{SHA}.png"), encoded=True)
    assert url.scheme == "https"
    host = url.host or ""
    assert host in ("mangadex.org", "mangadex.network") or host.endswith(
        (".mangadex.org", ".mangadex.network")
    )
    assert url.user is None
    assert node_of(base_url).startswith(f"https://{host}:")


def test_a_node_goes_by_scheme_host_and_port_and_never_by_its_token() -> None:
    assert node_of(TOKEN) == "https://cmdxd98sb0x3yprd.mangadex.network:44300"
    assert node_of("https://uploads.mangadex.org") == "https://uploads.mangadex.org:443"
    assert node_of("http://[::1]/x") == "http://[::1]:80"


def test_reports_are_for_the_network_only() -> None:
    assert wants_reports(TOKEN)
    assert not wants_reports("https://uploads.mangadex.org")


@pytest.mark.parametrize(
    ("name", "sha256"),
    [
        (f"1-{SHA}.png", SHA),
        (f"x1-{SHA}.png", SHA),
        (f"012-{SHA.upper()}.JPG", SHA),
        (f"1-{SHA}", ""),
        (f"1-{SHA}0.png", ""),
        (f"1-{SHA[1:]}.png", ""),
        (f"../1-{SHA}.png", ""),
        (f"1-{SHA}.png\n", ""),
        ("1.png", ""),
        ("", ""),
    ],
)
def test_e15_the_sha256_in_a_file_name(name: str, sha256: str) -> None:
    assert sha256_in(name) == sha256


def test_the_path_of_a_usual_name_is_that_name() -> None:
    assert picture_path("data", "ab12", f"x1-{SHA}.png") == f"data/ab12/x1-{SHA}.png"
    assert picture_url("https://a.mangadex.network/t/", "data/h/f") == (
        "https://a.mangadex.network/t/data/h/f"
    )


@given(st.text(min_size=1), st.text(min_size=1))
def test_e29_no_name_climbs_or_adds_a_part(chapter_hash: str, name: str) -> None:
    path = picture_path("data", chapter_hash, name)
    assert path.count("/") == 2
    assert path.isascii()
    assert path.isprintable()
    assert not set("?#\\ ") & set(path)


def test_e29_a_lone_surrogate_is_escaped_too() -> None:
    assert picture_path("data", "h", "1-\ud800.png") == "data/h/1-%ED%A0%80.png"
