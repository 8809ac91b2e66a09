"""Every table, beside the stage that writes it: the contracts between the stages."""

from __future__ import annotations

from pipeline.core.tables import Table
from schemas.detections import Character, Dialog, Panel
from schemas.identities import CropFeature, Identity
from schemas.pages import ChapterCredit, Page, PageImage, PlannedPage, ScreenedPage
from schemas.samples import Caption, Sample, Shard

PLAN = Table("plan", "resolve", PlannedPage)
CREDITS = Table("credits", "resolve", ChapterCredit)
PAGES = Table("pages", "fetch", Page)
SCREENED = Table("screened", "screen", ScreenedPage)
PAGE_IMAGES = Table("page_images", "pair", PageImage)
PANELS = Table("panels", "detect", Panel)
CHARACTERS = Table("characters", "detect", Character)
DIALOGS = Table("dialogs", "detect", Dialog)
FEATURES = Table("features", "identify", CropFeature)
IDENTITIES = Table("identities", "identify", Identity)
CAPTIONS = Table("captions", "caption", Caption)
SAMPLES = Table("samples", "assemble", Sample)
SHARDS = Table("shards", "shard", Shard)

ALL = (
    PLAN,
    CREDITS,
    PAGES,
    SCREENED,
    PAGE_IMAGES,
    PANELS,
    CHARACTERS,
    DIALOGS,
    FEATURES,
    IDENTITIES,
    CAPTIONS,
    SAMPLES,
    SHARDS,
)
