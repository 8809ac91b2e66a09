"""The page that shows the shards: whole, self-contained, escaped, and true to the samples."""

from __future__ import annotations

import base64
import io
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from pipeline.core.errors import MissingPart
from pipeline.loader.raw import RawSample, read_samples
from pipeline.look.choosing import _spread, index_of
from pipeline.look.document import document, write_look
from pipeline.look.overlay import hue_of, overlay
from schemas.samples import ShardPage
from tests.support.small_build import small_build


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_build(tmp_path_factory.mktemp("look")).workspace.shards_folder


@pytest.fixture(scope="module")
def samples(shards: Path) -> list[RawSample]:
    return list(read_samples(shards))


class Tags(HTMLParser):
    """Start tags with their attributes, and the text outside of style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._quiet = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._quiet = tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._quiet else data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Tags:
    out = tmp_path_factory.mktemp("out") / "look.html"
    assert write_look(shards, out, 24) == 5
    return Tags(out.read_text(encoding="utf-8"))


def test_everything_of_every_sample_is_on_the_page(page: Tags, samples: list[RawSample]) -> None:
    assert len(page.named("article")) == len(samples)
    for sample in samples:
        for panel in sample.page.panels:
            assert panel.caption in page.text
            assert all(" ".join(d.text.split()) in page.text for d in panel.dialogs)
        assert sample.page.licence in page.text
        assert sample.page.attribution in page.text


def test_text_from_files_is_escaped(page: Tags) -> None:
    assert "Ink & <Paper>" in page.text
    assert "A <b>person</b>" in page.text
    assert not page.named("paper")


def test_it_needs_nothing_from_outside(page: Tags) -> None:
    sources = [tag["src"] for _, tag in page.tags if tag.get("src")]
    assert len(sources) == 5
    assert all(source and source.startswith("data:image/jpeg;base64,") for source in sources)
    assert not [tag for _, tag in page.tags if tag.get("href")]
    assert "url(" not in str(page.tags)


def test_pictures_are_shrunk(page: Tags) -> None:
    for tag in page.named("img"):
        data = base64.b64decode((tag["src"] or "").split(",", 1)[1])
        assert max(Image.open(io.BytesIO(data)).size) <= 1100


def test_boxes_lie_in_the_pictures_own_pixels(samples: list[RawSample]) -> None:
    for sample in samples:
        page = sample.page
        svg = overlay(page)
        assert f'viewBox="0 0 {page.width} {page.height}"' in svg
        for panel in page.panels:
            box = panel.box
            assert f'x="{box.x1}" y="{box.y1}" width="{box.width}" height="{box.height}"' in svg
        numbers = re.findall(r'dy=".35em">(\d+)</text>', svg)
        assert [int(number) for number in numbers] == [p.order + 1 for p in page.panels]


def test_an_identity_keeps_its_colour_and_neighbours_differ() -> None:
    hues = [hue_of(f"ink/who{number:04d}") for number in range(12)]
    assert hues == [hue_of(f"ink/who{number:04d}") for number in range(12)]
    gaps = [abs(a - b) % 360 for i, a in enumerate(hues) for b in hues[:i]]
    assert min(min(gap, 360 - gap) for gap in gaps) > 10


def test_there_is_a_filter_for_every_series(samples: list[RawSample], shards: Path) -> None:
    other = samples[0].page.model_copy(update={"series": "other", "title": "Other", "key": "o"})
    two = [samples[0], RawSample(other, samples[0].picture, samples[0].shard)]
    html = Tags("".join(document(index_of(shards), two)))
    shown = [tag["data-show"] for tag in html.named("button")]
    assert shown == ["", "ink", "other"]
    assert {tag["data-series"] for tag in html.named("article")} == {"ink", "other"}


def test_the_limit_is_spread_over_series_and_over_their_pages(samples: list[RawSample]) -> None:
    def made(series: str, order: int) -> ShardPage:
        changes = {"series": series, "order": order, "key": f"{series}_{order}"}
        return samples[0].page.model_copy(update=changes)

    pages = [made("a", n) for n in range(10)] + [made("b", n) for n in range(2)]
    chosen = _spread(pages, 6)
    assert Counter(page.series for page in chosen) == {"a": 4, "b": 2}
    assert [page.order for page in chosen if page.series == "a"] == [0, 2, 5, 7]
    assert len(_spread(pages, 100)) == 12


def test_the_limit_holds(shards: Path, tmp_path: Path) -> None:
    assert write_look(shards, tmp_path / "x.html", 2) == 2


def test_without_shards_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="mangazero run"):
        write_look(tmp_path, tmp_path / "x.html", 2)
