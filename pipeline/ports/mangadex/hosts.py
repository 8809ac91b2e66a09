"""Which hosts we ask for pictures, and how a picture's URL is made. Pure; nothing is looked up.

A base URL is opaque: it is used as it came, token and all, once it is known to lead to a host of
MangaDex. What the server names files never becomes a path on our disk.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from pipeline.ports.mangadex.answers import one_line
from pipeline.ports.mangadex.settings import has_fit_labels, is_loopback

_OURS: Final = ("mangadex.org", "mangadex.network")
_UNREPORTED: Final = "mangadex.org"
_BASE: Final = re.compile(r"https?://[!-~]+")
_PLAIN_HOST: Final = re.compile(r"[A-Za-z0-9.:_-]+")
_NAME_WITH_SHA256: Final = re.compile(r"[A-Za-z]*\d+-([0-9a-fA-F]{64})\.[A-Za-z0-9]+")
_LONGEST_BASE: Final = 2000


def why_refused(base_url: str, *, allow_loopback: bool) -> str:
    """Why a base URL is not to be asked, its host named; "" if it may be.

    Allowed are https on mangadex.org, mangadex.network and what lies under them, and with
    `allow_loopback` http and https on this machine itself.
    """
    parts = _parts_of(base_url)
    if parts is None:
        return f"no base URL{_told_of(base_url)}"
    host = parts.hostname or ""
    if allow_loopback and is_loopback(base_url):
        return ""
    if not _is_under(host, *_OURS):
        return f"{host} is no host of MangaDex"
    if parts.scheme != "https":
        return f"{host} is to be asked without https"
    return ""


def node_of(base_url: str) -> str:
    """Scheme, host and port: what one image node is to us. Never its token."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def wants_reports(base_url: str) -> bool:
    """Whether the network likes to hear how the node did: not where mangadex.org is named."""
    return _UNREPORTED not in base_url


def sha256_in(file_name: str) -> str:
    """The sha256 that a file is named for, in lower case; "" where the name carries none."""
    match = _NAME_WITH_SHA256.fullmatch(file_name)
    return match[1].lower() if match else ""


def picture_path(quality: str, chapter_hash: str, file_name: str) -> str:
    """The end of a picture's URL, each part escaped: `data/<hash>/<file>`, a page's locator."""
    return f"{quality}/{_escaped(chapter_hash)}/{_escaped(file_name)}"


def picture_url(base_url: str, path: str) -> str:
    """Where a picture lies."""
    return f"{base_url.rstrip('/')}/{path}"


def _escaped(name: str) -> str:
    return quote(name, safe="", errors="surrogatepass")


def _is_under(host: str, *domains: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _parts_of(base_url: str) -> SplitResult | None:
    """The parts of a base URL that could be one; None for anything that would need guessing."""
    if len(base_url) > _LONGEST_BASE or not _BASE.fullmatch(base_url):
        return None
    try:
        parts = urlsplit(base_url)
        fits = has_fit_labels(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    is_more = parts.query or parts.fragment or "@" in parts.netloc or "\\" in base_url
    return parts if fits and not is_more else None


def _told_of(base_url: str) -> str:
    """Scheme, host and port of what is no base URL; the rest may be a token or a login."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not _PLAIN_HOST.fullmatch(host):
        return ""
    end = "" if port is None else f":{port}"
    return f": {one_line(f'{parts.scheme}://{host}', longest=60)}{end}"
