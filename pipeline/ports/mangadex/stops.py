"""The words for what stops a run: one line each, what happened and what to do about it."""

from __future__ import annotations

from pipeline.core.errors import (
    HumanNeeded,
    ProxyInTheWay,
    RateLimited,
    SeriesGone,
    ServerTrouble,
    Unreachable,
)
from pipeline.ports.mangadex.exchange import Lost, LostWhy

_AGAIN = "then run again: what is finished stays finished"


def unreachable(host: str, lost: Lost) -> Unreachable:
    """Nobody was reached, or connections break all the time."""
    match lost.why:
        case LostWhy.NAME:
            what = f"there is no such host as {host}, or no DNS: check its spelling and the network"
        case LostWhy.REFUSED:
            what = f"{host} refuses connections ({lost.detail}): check the address and its port"
        case LostWhy.NO_ROUTE:
            what = f"no network leads to {host} ({lost.detail}): connect this machine"
        case LostWhy.TLS:
            what = f"no secure connection to {host} ({lost.detail}): check the clock and any proxy"
        case LostWhy.PROXY:
            what = f"the proxy on the way to {host} fails ({lost.detail}): check https_proxy"
        case LostWhy.TIMED_OUT:
            what = f"{host} does not answer: check the network and any firewall"
        case _:
            what = f"connections to {host} break ({lost.detail}): check the network"
    return Unreachable(f"{what}, {_AGAIN}")


def server_trouble(host: str, detail: str) -> ServerTrouble:
    """Answers, but nothing in them."""
    return ServerTrouble(f"{host} answers with errors only ({detail}): wait a while, {_AGAIN}")


def rate_limited(host: str) -> RateLimited:
    """429 after 429, although every wait was kept."""
    return RateLimited(
        f"{host} keeps asking us to wait (429): stop whatever else uses MangaDex from this "
        f"address, wait an hour, {_AGAIN}"
    )


def human_needed(host: str) -> HumanNeeded:
    """A captcha."""
    return HumanNeeded(
        f"{host} asks for a captcha: open https://mangadex.org in a browser on this network and "
        f"solve it, {_AGAIN}"
    )


def proxy_in_the_way(host: str, detail: str) -> ProxyInTheWay:
    """A Via header."""
    return ProxyInTheWay(
        f"a proxy on the way to {host} adds what MangaDex forbids ({detail}): "
        f"unset http_proxy and https_proxy or use another network, {_AGAIN}"
    )


def series_gone(manga: str) -> SeriesGone:
    """404 or 410 for a series."""
    return SeriesGone(
        f"MangaDex has no series {manga} (any more): check the id, or take the series out of the "
        "manifest"
    )
