"""The site as it is now: the corpus, less what was taken away, with what was changed since."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tests.support.mangadex.corpus import Chapter, Corpus, Group, Series
from tests.support.mangadex.pictures import Drawn, Look, Picture

_SAVER = Look(200, 290, form="jpg", variant=99)


@dataclass(frozen=True)
class Listing:
    """The files of a chapter as at-home names them, in page order."""

    chapter: Chapter
    hash: str
    names: tuple[str, ...]
    saver_names: tuple[str, ...]
    index: dict[str, int]

    def picture(self, quality: str, name: str) -> Picture | None:
        """The picture of that file name; None if the chapter has none."""
        at = self.index.get(f"{quality}/{name}")
        if at is None:
            return None
        original = self.chapter.pictures[at]
        return original if quality == "data" else saver_of(original)


def saver_of(picture: Picture) -> Picture:
    """The small version: other bytes, always a jpg."""
    return Drawn(_SAVER, picture.sha256[:60])


def listing_of(chapter: Chapter) -> Listing:
    """Names and hashes; costs a few microseconds a page."""
    names = tuple(
        f"{chapter.prefix}{n}.{picture.extension}"
        if chapter.hides_hashes
        else f"{chapter.prefix}{n}-{picture.sha256}.{picture.extension}"
        for n, picture in enumerate(chapter.pictures, 1)
    )
    savers = tuple(
        f"{chapter.prefix}{n}-{saver_of(picture).sha256}.jpg"
        for n, picture in enumerate(chapter.pictures, 1)
    )
    index = {f"data/{name}": at for at, name in enumerate(names)}
    index |= {f"data-saver/{name}": at for at, name in enumerate(savers)}
    # The fault that lists names without hashes must not be a fault of the images, too.
    index |= {f"data/{at + 1}.{name.rsplit('.')[-1]}": at for at, name in enumerate(names)}
    index |= {f"data-saver/{at + 1}.jpg": at for at in range(len(savers))}
    key = f"{chapter.id}/{chapter.version}/" + "".join(names)
    return Listing(chapter, hashlib.md5(key.encode()).hexdigest(), names, savers, index)


class World:
    """Finds everything by id, and lets a test change the site while it is up."""

    def __init__(self, corpus: Corpus) -> None:
        self.series = {series.id: series for series in corpus.series if not series.is_deleted}
        self.home: dict[str, str] = {}
        self.uploads: dict[str, dict[str, Chapter]] = {}
        for series in self.series.values():
            kept = {chapter.id: chapter for chapter in series.chapters if not chapter.is_deleted}
            self.uploads[series.id] = kept
            self.home.update(dict.fromkeys(kept, series.id))
        self.groups: dict[str, Group] = {
            group.id: group for chapter in corpus.chapters for group in chapter.groups
        }
        self._listings: dict[str, Listing] = {}
        self._by_hash: dict[str, Listing] = {}

    def chapter(self, chapter_id: str) -> Chapter | None:
        series = self.home.get(chapter_id)
        return None if series is None else self.uploads[series][chapter_id]

    def series_of(self, chapter_id: str) -> Series:
        return self.series[self.home[chapter_id]]

    def replace(self, chapter: Chapter) -> None:
        """Puts another version of an upload in the place of the one with its id."""
        self.uploads[self.home[chapter.id]][chapter.id] = chapter
        self._listings.pop(chapter.id, None)

    def remove(self, some_id: str) -> None:
        """Takes an upload or a whole series away: 404 from now on."""
        if some_id in self.series:
            del self.series[some_id]
            for chapter_id in self.uploads.pop(some_id):
                del self.home[chapter_id]
        else:
            del self.uploads[self.home.pop(some_id)][some_id]

    def listing(self, chapter: Chapter) -> Listing:
        """The files of the upload, remembered by their hash from then on."""
        found = self._listings.get(chapter.id)
        if found is None:
            found = self._listings[chapter.id] = listing_of(chapter)
            self._by_hash[found.hash] = found
        return found

    def by_hash(self, chapter_hash: str) -> Listing | None:
        """What image hosts know: chapters that were listed once, replaced ones included."""
        return self._by_hash.get(chapter_hash)
