"""Over-segmented proposals: who could be who, from features and what cannot be. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from schemas.identities import CropFeature

_NEVER = 1e6
"""A distance that complete linkage never bridges: two boxes of one panel are two characters."""


def propose(crops: Sequence[CropFeature], max_distance: float) -> dict[str, int]:
    """Character id -> cluster number: the place in id order of the cluster's first character.

    The numbers have gaps, so that two clusters that merge as a series grows rename no other.

    Complete linkage at a strict cosine distance: people merge clusters with one click, while
    splitting one takes many, so the proposals rather stay apart.
    """
    # Imported here: scikit-learn takes over a second, which no other command should wait for.
    from sklearn.cluster import AgglomerativeClustering

    ordered = sorted(crops, key=lambda crop: crop.id)
    if len(ordered) < 2:
        return {crop.id: 0 for crop in ordered}
    features = np.array([crop.feature for crop in ordered])
    distances = np.clip(1 - features @ features.T, 0, 2)
    for i, j in _cannot_links(ordered):
        distances[i, j] = distances[j, i] = _NEVER
    np.fill_diagonal(distances, 0)
    labels = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="complete", distance_threshold=max_distance
    ).fit_predict(distances)
    numbers: dict[int, int] = {}
    return {
        crop.id: numbers.setdefault(int(label), place)
        for place, (crop, label) in enumerate(zip(ordered, labels, strict=True))
    }


def _cannot_links(crops: Sequence[CropFeature]) -> list[tuple[int, int]]:
    by_panel: dict[str, list[int]] = {}
    for index, crop in enumerate(crops):
        if crop.panel:
            by_panel.setdefault(crop.panel, []).append(index)
    return [pair for inside in by_panel.values() for pair in combinations(inside, 2)]
