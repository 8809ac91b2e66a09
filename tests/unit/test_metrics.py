from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.metrics import (
    Score,
    adjusted_rand,
    b_cubed,
    box_score,
    character_recall,
    kendall_tau,
    match_boxes,
    order_is_right,
    pairwise_f1,
    region_recall,
)
from schemas.boxes import Box

side = st.integers(1, 30)
boxes = st.lists(
    st.builds(
        lambda x, y, w, h: Box(x, y, x + w, y + h),
        st.integers(0, 30),
        st.integers(0, 30),
        side,
        side,
    ),
    max_size=6,
)
labels = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=12)


def test_score_of_nothing_is_defined() -> None:
    nothing = Score(0, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (1, 1, 1)
    assert Score(0, 3, 0).precision == 0
    assert Score(0, 0, 3).f1 == 0
    assert Score(2, 4, 2) + Score(1, 1, 2) == Score(3, 5, 4)
    assert Score(2, 4, 2).f1 == pytest.approx(2 / 3)


@given(boxes, boxes, st.floats(0, 1))
def test_matching_is_one_to_one_and_close_enough(
    found: list[Box], truth: list[Box], least: float
) -> None:
    pairs = match_boxes(found, truth, least)
    assert len({f for f, _ in pairs}) == len({t for _, t in pairs}) == len(pairs)
    assert all(found[f].iou(truth[t]) >= least for f, t in pairs)
    assert len(match_boxes(truth, found, least)) == len(pairs)


@given(boxes)
def test_truth_matches_itself(truth: list[Box]) -> None:
    assert box_score(truth, truth, 1.0).f1 == 1


def test_matching_takes_more_pairs_before_better_ones() -> None:
    found = [Box(0, 0, 10, 10), Box(3, 0, 13, 10)]
    truth = [Box(2, 0, 12, 10), Box(6, 0, 16, 10)]
    assert match_boxes(found, truth, 0.5) == [(0, 0), (1, 1)]


def test_order_passes_over_what_has_no_match() -> None:
    truth = [Box(0, 0, 10, 10), Box(20, 0, 30, 10), Box(40, 0, 50, 10)]
    stray = Box(0, 50, 10, 60)
    assert order_is_right([truth[0], stray, truth[2]], truth)
    assert not order_is_right([truth[2], stray, truth[0]], truth)


def test_kendall_tau() -> None:
    assert kendall_tau([0, 1, 2, 3]) == 1
    assert kendall_tau([3, 2, 1, 0]) == -1
    assert kendall_tau([1, 0, 2]) == pytest.approx(1 / 3)
    assert kendall_tau([7, 5], [7, 5]) == 1
    assert kendall_tau([]) == 1
    with pytest.raises(ValueError, match="same items"):
        kendall_tau([0, 0])
    with pytest.raises(ValueError, match="same items"):
        kendall_tau([0, 1], [0, 2])


def test_region_is_hit_by_lettering_inside_a_larger_balloon() -> None:
    balloon, beside = Box(0, 0, 100, 100), Box(200, 0, 300, 100)
    lettering, stray = Box(40, 30, 60, 70), Box(120, 0, 150, 10)
    score = region_recall([lettering, stray], [balloon, beside])
    assert score == Score(1, 2, 2)
    assert region_recall([Box(50, 0, 149, 10)], [balloon]).recall == 1
    assert region_recall([Box(60, 0, 190, 10)], [balloon]).recall == 0


def test_character_recall_ignores_space_and_signs() -> None:
    assert character_recall("はい", "は、い!") == 1
    assert character_recall("ABC", "A b c a") == pytest.approx(1 / 4)
    assert character_recall("12", "12") == 1
    assert character_recall("ああ", "あああ") == pytest.approx(2 / 3)
    assert character_recall("", "…!?") == 1
    assert character_recall("", "あ") == 0


@given(labels)
def test_clusterings_score_within_bounds(pairs: list[tuple[str, str]]) -> None:
    predicted, actual = [p for p, _ in pairs], [a for _, a in pairs]
    assert all(0 <= value <= 1 for value in b_cubed(predicted, actual))
    assert b_cubed(actual, actual) == pytest.approx((1, 1, 1))
    assert adjusted_rand(actual, actual) == 1
    assert pairwise_f1(actual, actual).f1 == 1
    precision, recall, _ = b_cubed(predicted, actual)
    assert b_cubed(actual, predicted)[:2] == pytest.approx((recall, precision))


def test_clusterings_by_hand() -> None:
    predicted, actual = list("aabb"), list("xxxy")
    precision, recall, f1 = b_cubed(predicted, actual)
    assert precision == pytest.approx(3 / 4)
    assert recall == pytest.approx((2 * 2 / 3 + 1 / 3 + 1) / 4)
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert pairwise_f1(predicted, actual) == Score(1, 2, 3)
    assert adjusted_rand(list("ab"), list("xx")) == 0
    with pytest.raises(ValueError, match="zip"):
        b_cubed(["a"], [])
