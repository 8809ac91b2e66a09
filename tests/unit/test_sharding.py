"""The shard plan: a function of the set of page images, and growth touches little of it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.manga.sharding import BYTES_PER_PIXEL, Placed, shard_plan

SIDE = 500
PAGE_BYTES = SIDE * SIDE * BYTES_PER_PIXEL
TARGET = int(8 * PAGE_BYTES)


def pages(n: int, split: str = "train") -> list[Placed]:
    return [Placed(f"ink/c0001/p{number:03d}", split, SIDE, SIDE) for number in range(n)]


placed = st.lists(
    st.builds(
        Placed,
        st.text("abc/0123", min_size=1, max_size=6),
        st.sampled_from(["train", "val", "test"]),
        st.integers(1, 900),
        st.integers(1, 900),
    ),
    max_size=40,
    unique_by=lambda page: page.key,
)


@given(placed, st.integers(10_000, 10**6), st.integers(0, 3), st.randoms(use_true_random=False))
def test_every_page_once_in_its_split_whatever_the_order(
    given_: list[Placed], target: int, seed: int, dice: Any
) -> None:
    plan = shard_plan(given_, target, seed)
    shuffled = list(given_)
    dice.shuffle(shuffled)
    again = shard_plan(shuffled, target, seed)
    assert again == plan
    assert list(again) == list(plan) == sorted(plan)
    assert sorted(key for keys in plan.values() for key in keys) == sorted(p.key for p in given_)
    splits = {page.key: page.split for page in given_}
    for name, keys in plan.items():
        assert keys
        assert {splits[key] for key in keys} == {name.split("-")[1]}


@given(st.integers(1, 200))
def test_a_new_page_touches_one_shard_unless_the_split_outgrows_them(n: int) -> None:
    before, after = shard_plan(pages(n), TARGET, 0), shard_plan(pages(n + 1), TARGET, 0)
    changed = [name for name in after if after[name] != before.get(name)]
    outgrown = n % 8 == 0 and (n // 8) & (n // 8 - 1) == 0
    if outgrown:
        assert shards_of(n + 1) == 2 * shards_of(n)
    else:
        assert len(changed) == 1
        (name,) = changed
        assert set(after[name]) - set(before.get(name, [])) == {f"ink/c0001/p{n:03d}"}


def shards_of(n: int) -> int:
    """How many shards a split of n pages is cut into: the next power of two of n / 8."""
    return 1 << max(0, (-(-n // 8) - 1).bit_length())


def test_another_split_is_not_touched() -> None:
    alone = shard_plan(pages(20), TARGET, 0)
    both = shard_plan([*pages(20), Placed("reed/c0001/p001", "val", SIDE, SIDE)], TARGET, 0)
    assert {name: keys for name, keys in both.items() if "train" in name} == alone
    assert both["pages-val-00000"] == ["reed/c0001/p001"]


def test_shards_are_of_about_the_size_asked_for() -> None:
    plan = shard_plan(pages(512), TARGET, 0)
    assert len(plan) == 64
    assert max(map(len, plan.values())) < 20


def test_the_seed_shuffles() -> None:
    assert shard_plan(pages(40), TARGET, 0) != shard_plan(pages(40), TARGET, 1)


def test_nothing_gives_nothing() -> None:
    assert shard_plan([], TARGET, 0) == {}
    assert shard_plan([Placed("a", "train", 0, 0)], TARGET, 0) == {"pages-train-00000": ["a"]}
