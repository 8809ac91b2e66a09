"""Proposals: close features join, boxes of one panel never do, and order leaves no trace."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.clustering import propose
from pipeline.manga.crop_features import crop_feature
from schemas.boxes import Box
from schemas.identities import CropFeature


def crop(number: int, angle: float, panel: str = "") -> CropFeature:
    """A feature on the unit circle, so that distances are 1 - cos of the angle between."""
    return CropFeature(
        id=f"ink/c0001/p001/character{number:02d}",
        series="ink",
        panel=panel,
        feature=(float(np.cos(angle)), float(np.sin(angle))),
    )


def clusters(crops: list[CropFeature], max_distance: float = 0.25) -> list[set[int]]:
    found = defaultdict(set)
    for box, cluster in propose(crops, max_distance).items():
        found[cluster].add(int(box[-2:]))
    return sorted(found.values(), key=min)


def test_close_features_join_and_far_ones_do_not() -> None:
    crops = [crop(0, 0), crop(1, 0.1), crop(2, 1.5), crop(3, 1.6), crop(4, 3)]
    assert clusters(crops) == [{0, 1}, {2, 3}, {4}]
    assert clusters(crops, 2) == [{0, 1, 2, 3, 4}]


def test_complete_linkage_does_not_chain() -> None:
    """Each is close to the next, the ends are not close: they stay apart."""
    found = clusters([crop(n, 0.5 * n) for n in range(5)])
    assert max(map(len, found)) == 2


def test_two_boxes_of_a_panel_stay_apart_even_if_equal() -> None:
    crops = [crop(0, 0, "a"), crop(1, 0, "a"), crop(2, 0, "b")]
    assert {0, 1} not in [group & {0, 1} for group in clusters(crops, 2)]


def test_boxes_outside_all_panels_may_join() -> None:
    assert clusters([crop(0, 0), crop(1, 0)]) == [{0, 1}]


def test_a_cluster_is_numbered_by_its_first_character() -> None:
    numbers = propose([crop(0, 0), crop(1, 1.5), crop(2, 0), crop(3, 3)], 0.25)
    assert list(numbers.values()) == [0, 1, 0, 3]


def test_few_crops() -> None:
    assert propose([], 0.25) == {}
    assert clusters([crop(3, 1)]) == [{3}]


crops = st.lists(st.tuples(st.floats(0, 6), st.sampled_from(["", "a", "b"])), max_size=12).map(
    lambda given_: [crop(n, angle, panel) for n, (angle, panel) in enumerate(given_)]
)


@given(crops, st.randoms(use_true_random=False))
def test_order_leaves_no_trace_and_cannot_links_hold(given_: list[CropFeature], dice: Any) -> None:
    found = propose(given_, 0.5)
    shuffled = list(given_)
    dice.shuffle(shuffled)
    assert propose(shuffled, 0.5) == found
    seats = [(each.panel, found[each.id]) for each in given_ if each.panel]
    assert len(set(seats)) == len(seats)
    assert set(found) == {each.id for each in given_}


def test_features_are_of_unit_length_and_tell_crops_apart() -> None:
    dice = np.random.default_rng(0)
    pixels = dice.integers(0, 256, (200, 300, 3), dtype=np.uint8)
    pixels[:, 150:] //= 4
    left, right = Box(10, 10, 100, 150), Box(180, 10, 290, 190)
    features = [
        crop_feature(pixels, box, face)
        for box, face in ((left, None), (left, Box(20, 20, 60, 60)), (right, None))
    ]
    assert [feature.shape for feature in features] == [(256,)] * 3
    assert np.allclose([np.linalg.norm(feature) for feature in features], 1)
    assert features[0] @ features[2] < features[0] @ features[1]


def test_a_box_beside_the_page_and_a_flat_crop_have_features_too() -> None:
    pixels = np.full((50, 50, 3), 255, dtype=np.uint8)
    for box in (Box(90, 90, 99, 99), Box(0, 0, 50, 50), Box(0, 0, 1, 1)):
        assert np.isclose(np.linalg.norm(crop_feature(pixels, box, None)), 1)
