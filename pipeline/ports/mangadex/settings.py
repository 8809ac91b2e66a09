"""The settings of MangaDex: where they come from, which of them cannot be meant, what they say."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pipeline.core.errors import BadConfig
from schemas.profile import MangaDexParams

API_URL_VARIABLE: Final = "MANGAZERO_MANGADEX_API_URL"
REPORT_URL_VARIABLE: Final = "MANGAZERO_MANGADEX_REPORT_URL"
LOOPBACK_VARIABLE: Final = "MANGAZERO_ALLOW_LOOPBACK"

# What MangaDex documents: about 5 requests a second, 40 leases a minute.
_LEAST_API_INTERVAL_S: Final = 0.2
_LEAST_AT_HOME_INTERVAL_S: Final = 1.5
_HOST: Final = re.compile(r"[A-Za-z0-9.:_-]+")
_LONGEST_LABEL: Final = 63
_SWITCH: Final = {"1": True, "0": False}


def with_environment(params: MangaDexParams, environ: Mapping[str, str]) -> MangaDexParams:
    """The settings as the environment overrides them. An empty variable overrides nothing.

    Raises BadConfig where MANGAZERO_ALLOW_LOOPBACK is neither 1 nor 0.
    """
    changes: dict[str, object] = {}
    if api_url := environ.get(API_URL_VARIABLE, "").strip():
        changes["api_url"] = api_url
    if report_url := environ.get(REPORT_URL_VARIABLE, "").strip():
        changes["report_url"] = report_url
    if switch := environ.get(LOOPBACK_VARIABLE, "").strip():
        if switch not in _SWITCH:
            raise BadConfig(f"{LOOPBACK_VARIABLE}={switch!r}: write 1 to allow, 0 to forbid")
        changes["allow_loopback"] = _SWITCH[switch]
    return params.model_copy(update=changes)


def check(params: MangaDexParams) -> None:
    """Raises BadConfig, in one line, where a setting is malformed or impolite."""
    _check_url("api_url", params.api_url)
    _check_url("report_url", params.report_url)
    if not is_loopback(params.api_url):
        _check_interval("api_interval_s", params.api_interval_s, _LEAST_API_INTERVAL_S)
        _check_interval("at_home_interval_s", params.at_home_interval_s, _LEAST_AT_HOME_INTERVAL_S)
    if not (params.contact.isascii() and params.contact.isprintable()):
        raise BadConfig("mangadex.contact goes into a header: use plain ASCII on one line")


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine itself, by its name alone; nothing is looked up."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def has_fit_labels(host: str) -> bool:
    """Whether a name server could be asked for the name: no label is empty or too long.

    Any other name would be refused only when it is used, and not as an error of the network.
    """
    labels = host.removesuffix(".").split(".")
    return all(0 < len(label) <= _LONGEST_LABEL for label in labels)


def needs_consent(params: MangaDexParams) -> bool:
    """Whether a download would be a real one that nobody has agreed to yet."""
    return not params.consent and not is_loopback(params.api_url)


def may_be_asked_for_pages(params: MangaDexParams, base_url: str) -> bool:
    """Whether that would be no real download, or one that somebody has agreed to.

    An API on loopback needs no consent, and may still name a real host.
    """
    return params.consent or is_loopback(base_url)


def user_agent(params: MangaDexParams) -> str:
    """Who we are, never in disguise: the project, its version, and the contact if there is one."""
    name = f"mangazero/{_version()}"
    return f"{name} ({params.contact})" if params.contact else f"{name} (dataset builder)"


def _version() -> str:
    try:
        return version("mangazero")
    except PackageNotFoundError:
        return "0"


def _check_url(name: str, url: str) -> None:
    parts = _parts_of(url)
    if parts is None:
        raise BadConfig(f"mangadex.{name} is no URL such as https://api.mangadex.org: {url!r}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadConfig(
            f"mangadex.{name} takes a host and a path only: leave out any user, password, ? and #"
        )
    if parts.scheme == "http" and not is_loopback(url):
        raise BadConfig(f"mangadex.{name} must begin with https://, unless it is on loopback")


def _parts_of(url: str) -> SplitResult | None:
    """The URL's parts; None where it is malformed. A bad port shows only when it is read."""
    try:
        parts = urlsplit(url)
        fits = (
            parts.scheme in ("http", "https")
            and _HOST.fullmatch(parts.hostname or "") is not None
            and has_fit_labels(parts.hostname or "")
            and parts.port != 0
        )
    except ValueError:
        return None
    return parts if fits and url.isprintable() and " " not in url else None


def _check_interval(name: str, seconds: float, least: float) -> None:
    if not seconds >= least:
        raise BadConfig(
            f"mangadex.{name} = {seconds:g} is faster than MangaDex allows: at least {least:g}"
        )
