"""The operator's proxy, from the environment as everywhere else, and nothing but the proxy.

aiohttp's own `trust_env` would also look into ~/.netrc and send what it finds there to image
nodes of strangers, and it asks a thread for it at every request.
"""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp import encode_basic_auth

from pipeline.core.errors import BadConfig
from pipeline.ports.mangadex.settings import has_fit_labels, is_loopback


class Through(TypedDict, total=False):
    """Arguments of an aiohttp request: none, or the proxy that it goes through."""

    proxy: str
    proxy_headers: dict[str, str]


def proxy_for(url: str) -> Through:
    """How a request for `url` leaves this machine, by http_proxy, https_proxy and no_proxy.

    What is on loopback is asked directly: no proxy could reach it. Raises BadConfig where the
    proxy is of a kind that we cannot speak to.
    """
    target = urlsplit(url)
    found = getproxies().get(target.scheme, "")
    if not found or is_loopback(url) or proxy_bypass(target.hostname or ""):
        return {}
    try:
        parts = urlsplit(found if "://" in found else f"http://{found}")
        name, port = parts.hostname or "", parts.port or 80
    except ValueError:
        raise _no_proxy(target.scheme) from None
    if parts.scheme != "http" or not has_fit_labels(name):
        raise _no_proxy(target.scheme)
    host = f"[{name}]" if ":" in name else name
    through: Through = {"proxy": f"http://{host}:{port}"}
    if parts.username is not None:
        login = encode_basic_auth(unquote(parts.username), unquote(parts.password or ""))
        through["proxy_headers"] = {"Proxy-Authorization": login}
    return through


def _no_proxy(scheme: str) -> BadConfig:
    """Never with the proxy's address: it may hold a login."""
    return BadConfig(
        f"{scheme}_proxy names a proxy that is not http://: set one that is, or unset it"
    )
