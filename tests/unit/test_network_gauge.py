"""The line that tells what the network does: seldom, and only where something has happened."""

from __future__ import annotations

from pipeline.cli.network_gauge import NetworkGauge, so_far, stats_json
from pipeline.ports.mangadex.stats import Stats


def test_it_speaks_every_ten_seconds_and_only_of_something_new() -> None:
    now, stats, lines = 0.0, Stats(), list[str]()
    gauge = NetworkGauge(lambda: stats, lines.append, lambda: now)
    stats = Stats(requests=3, image_requests=20, verified=18, pages_per_s=2.5)
    now = 9.9
    gauge()
    assert not lines
    now = 10.0
    gauge()
    now = 20.0
    gauge()  # nothing new
    stats = Stats(requests=4, image_requests=20, verified=18)
    now = 30.0
    gauge()
    assert [line.split(";")[0] for line in lines] == [
        "network  2.5 pages/s",
        "network  0.0 pages/s",
    ]


def test_everything_is_in_the_line_and_in_the_json() -> None:
    stats = Stats(
        verified=7,
        kept_unverified=1,
        adopted=2,
        n_bytes=1_500_000,
        requests=9,
        leases=4,
        throttled=5,
        node_failures=6,
        waited_s=3.2,
        missing={"gone": 3},
    )
    assert so_far(stats) == (
        "8 pages fetched (1.5 MB), 2 found here, 4 leases, 9 requests to the API, 5 times 429, "
        "6 node failures, waited 3 s for the limits"
    )
    assert stats_json(stats)["missing"] == {"gone": 3}
