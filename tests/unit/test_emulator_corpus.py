"""The emulated corpus: the same for the same seed, real pictures, names that tell the truth."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from tests.support.mangadex.corpus import Corpus, DrawnPages
from tests.support.mangadex.oddities import ODD_LOOKS, odd_series
from tests.support.mangadex.pictures import Drawn, Look, Picture
from tests.support.mangadex.shapes import MIXED, evenly_sized, full, medium, pages, tiny
from tests.support.mangadex.world import listing_of


def opened(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.content()))
    image.load()
    return image


def all_bytes(corpus: Corpus) -> list[bytes]:
    return [picture.content() for chapter in corpus.chapters for picture in chapter.pictures]


def test_the_same_seed_gives_the_same_bytes_and_ids() -> None:
    assert tiny(7) == tiny(7)
    assert all_bytes(tiny(7)) == all_bytes(tiny(7))
    assert not set(all_bytes(tiny(7))) & set(all_bytes(tiny(8)))
    assert not {c.id for c in tiny(7).chapters} & {c.id for c in tiny(8).chapters}


def test_every_page_is_a_different_whole_picture_that_hashes_to_its_name() -> None:
    found = all_bytes(tiny())
    assert len(set(found)) == 30
    for chapter in tiny().chapters:
        listing = listing_of(chapter)
        for n, name in enumerate(listing.names, 1):
            picture = listing.picture("data", name)
            assert picture is not None
            digest = hashlib.sha256(picture.content()).hexdigest()
            assert name == f"{n}-{digest}.{picture.extension}"
            assert opened(picture).size == (320, 460)


def test_data_saver_has_other_bytes_and_is_always_jpg() -> None:
    listing = listing_of(tiny().chapters[0])
    for name in listing.saver_names:
        saver = listing.picture("data-saver", name)
        assert saver is not None
        assert hashlib.sha256(saver.content()).hexdigest() in name
        assert opened(saver).format == "JPEG"
    assert not set(listing.names) & set(listing.saver_names)


@pytest.mark.parametrize("name", ODD_LOOKS)
def test_every_odd_form_decodes_and_hashes_as_said(name: str) -> None:
    """E27, E28: spreads, strips, one pixel, animation, 16 bits, CMYK, alpha."""
    look = ODD_LOOKS[name]
    picture = Drawn(look, name)
    assert hashlib.sha256(picture.content()).hexdigest() == picture.sha256
    assert opened(picture).size == (look.width, look.height)
    Image.open(io.BytesIO(picture.content())).verify()
    assert getattr(opened(picture), "n_frames", 1) == look.frames


@pytest.mark.parametrize(
    "look", [*MIXED[:3], *evenly_sized(200_000), Look(form="webp", n_bytes=9_001)]
)
def test_a_page_is_as_large_as_it_was_ordered(look: Look) -> None:
    picture = Drawn(look, "key")
    assert abs(len(picture.content()) - look.n_bytes) < 300
    assert hashlib.sha256(picture.content()).hexdigest() == picture.sha256
    opened(picture)


def test_the_shapes_are_as_large_as_they_say() -> None:
    assert [len(c.pictures) for c in tiny().chapters] == [5] * 6
    assert [len(c.pictures) for c in medium().chapters] == [12] * 192
    assert sum(len(c.pictures) for c in full().chapters) == 48_000
    assert len(full().chapters) == 1200


def test_long_keys_and_slices_work_as_sequences_do() -> None:
    drawn = pages(4, "k" * 300)
    assert isinstance(drawn, DrawnPages)
    assert [p.sha256 for p in drawn[1:3]] == [drawn[1].sha256, drawn[2].sha256]
    assert drawn[-1] == drawn[3]
    with pytest.raises(IndexError):
        drawn[4]


def test_the_odd_corpus_has_something_of_everything() -> None:
    corpus = odd_series()
    assert len({series.id for series in corpus.series}) == len(corpus.series)
    assert len({chapter.id for chapter in corpus.chapters}) == len(corpus.chapters)
    assert max(len(series.chapters) for series in corpus.series) == 10_001
    numbers = {chapter.number for chapter in corpus.chapters}
    assert {None, "", "12.5", "012", "12a", "extra!"} <= numbers
    assert any(chapter.external_url for chapter in corpus.chapters)
    assert any(chapter.is_unavailable for chapter in corpus.chapters)
    credited = next(series for series in corpus.series if series.title == "Credited")
    assert len({chapter.pictures[-1].sha256 for chapter in credited.chapters}) == 1
