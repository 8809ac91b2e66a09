"""The emulator as a process: prints its URLs as one line of JSON, serves until it is ended."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from tests.support.mangadex.corpus import Corpus
from tests.support.mangadex.faults import KINDS, Fault, faults_from_json
from tests.support.mangadex.oddities import odd_series
from tests.support.mangadex.rules import Rules, unlimited
from tests.support.mangadex.server import emulated, real_wall
from tests.support.mangadex.shapes import SHAPES, SMALL, evenly_sized, from_folder, regular
from tests.support.virtual_time import ScaledLoop


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT. Returns 0, or 2 if the options make no sense."""
    options = _options().parse_args(arguments)
    if options.list_faults:
        sys.stdout.write("".join(f"{kind:22}{says}\n" for kind, says in KINDS.items()))
        return 0
    rules = (Rules if options.limits else unlimited)(
        seed=options.seed,
        image_latency_s=options.image_latency,
        api_latency_s=options.api_latency,
        lease_s=options.lease,
    )
    faults = faults_from_json(json.loads(options.faults.read_text())) if options.faults else []
    with asyncio.Runner(loop_factory=lambda: ScaledLoop(options.scale)) as runner:
        runner.run(_serve(_corpus(options), rules, faults, options.port))
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.support.mangadex", description=__doc__)
    parser.add_argument(
        "--corpus", default="tiny", help="tiny, medium, full, odd, or SERIESxCHAPTERSxPAGES"
    )
    parser.add_argument("--pages", type=Path, help="a folder SERIES/CHAPTER/page files instead")
    parser.add_argument("--page-bytes", type=int, help="size of every page")
    parser.add_argument("--port", type=int, default=0, help="of the API; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0, help="how fast the clock runs")
    parser.add_argument("--limits", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--image-latency", type=float, default=0.0, help="seconds of its clock")
    parser.add_argument("--api-latency", type=float, default=0.0, help="seconds of its clock")
    parser.add_argument("--lease", type=float, default=900.0, help="seconds of its clock")
    parser.add_argument("--faults", type=Path, help="a JSON list of faults")
    parser.add_argument("--list-faults", action="store_true", help="say what there is, and end")
    return parser


def _corpus(options: argparse.Namespace) -> Corpus:
    if options.pages:
        return from_folder(options.pages)
    if options.corpus == "odd":
        return odd_series()
    series, chapters, pages = SHAPES.get(options.corpus) or map(int, options.corpus.split("x"))
    n_bytes = options.page_bytes or (200_000 if options.corpus == "full" else 0)
    looks = evenly_sized(n_bytes) if n_bytes else SMALL
    return regular(series, chapters, pages, options.seed, looks)


async def _serve(corpus: Corpus, rules: Rules, faults: list[Fault], port: int) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    wall = real_wall(loop)
    async with emulated(corpus, rules=rules, faults=faults, wall=wall, api_port=port) as emulator:
        urls = {
            "api_url": emulator.api_url,
            "report_url": emulator.report_url,
            "admin_url": emulator.admin_url,
        }
        sys.stdout.write(json.dumps(urls) + "\n")
        sys.stdout.flush()
        await done.wait()


if __name__ == "__main__":
    raise SystemExit(main())
