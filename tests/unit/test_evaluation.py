"""Accuracy: the oracle scores 1.0 everywhere, the random detector near chance."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.evaluate import app
from pipeline.cli.scores import aligned, detector_rows, lines, page_cells
from pipeline.cli.scores_json import accuracy_json, report_json
from pipeline.core.errors import BadConfig, NothingToRead
from pipeline.evaluation import sample_accuracy
from pipeline.evaluation_on_pages import DetectorReport, evaluate_detector, fitted
from pipeline.manga.identity_scoring import identity_score, match_characters
from pipeline.manga.page_scores import FaceScore, OrderScore, PageScore, Share, total
from pipeline.manga.scoring import PageFindings, PageLabels, score_page
from pipeline.ports.protocols import Detector, PagePicture
from pipeline.ports.truth_files import LabelledPage
from pipeline.synthetic.backends import OracleDetector, RandomDetector
from pipeline.synthetic.series import SyntheticSeries
from pipeline.synthetic.spec import SeriesSpec
from schemas.boxes import Box
from schemas.detections import Detection, FoundPanel
from schemas.truth import TruthPage
from tests.support.built import drawn_entry, folder_entry, plain_entry, plan_for, run_all
from tests.support.built import small_profile as profile
from tests.support.commands import small_manifests

DRAWN = SyntheticSeries(
    SeriesSpec("score", 5, chapters=1, pages_per_chapter=4, page_width=300, page_height=430)
)
KEYS = {f"{number:02d}": ("c0001", number) for number in (1, 2, 3, 4)}
TOP, BOTTOM, ASIDE = Box(0, 0, 100, 50), Box(0, 50, 100, 100), Box(120, 0, 160, 40)


def labels_of(truth: TruthPage) -> PageLabels:
    return PageLabels(
        panels=tuple(panel.box for panel in sorted(truth.panels, key=lambda p: p.order)),
        regions=tuple(dialog.box for dialog in truth.dialogs if dialog.kind != "sign"),
        transcript=truth.transcript,
        faces=tuple(Box(*each.face) for each in truth.characters if each.face),
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[LabelledPage]:
    """Four drawn pages as picture files with their labels."""
    folder = tmp_path_factory.mktemp("pages")
    labelled = []
    for key, place in KEYS.items():
        page = DRAWN.draw(*place)
        path = folder / f"{key}.png"
        path.write_bytes(page.png_or_jpeg)
        size = (page.truth.width, page.truth.height)
        labelled.append(LabelledPage(key, path, "rtl", size, labels_of(page.truth)))
    return labelled


def oracle() -> Detector:
    return OracleDetector(lambda key: DRAWN.truth(*KEYS[key]))


def shares(score: PageScore) -> list[float]:
    """Every figure of a score that has all labels."""
    assert score.panels is not None
    assert score.panels_strict is not None
    assert score.order is not None
    assert score.balloons is not None
    assert score.faces is not None
    assert score.regions is not None
    assert score.lettering is not None
    assert score.letters is not None
    return [
        score.panels.f1,
        score.panels_strict.f1,
        score.order.exact / score.order.pages,
        score.order.tau,
        score.regions.value,
        score.lettering.value,
        score.letters.value,
        score.balloons.f1,
        score.faces.precision.value,
        score.faces.found.value,
    ]


# --- one page against its labels ------------------------------------------------------------


def test_a_missing_label_is_not_scored_and_stays_out_of_the_sum() -> None:
    found = PageFindings(panels=(TOP,), text="あい", faces=(ASIDE,), uncertain_panels=1)
    bare = score_page(found, PageLabels())
    assert bare == PageScore(uncertain_panels=1)
    full = score_page(found, PageLabels((TOP, BOTTOM), True, (), "あい", (ASIDE,)))
    both = total([bare, full, bare])
    assert both == replace(full, uncertain_panels=3)
    assert both.panels is not None
    assert (both.panels.precision, both.panels.recall) == (1.0, 0.5)


def test_order_counts_only_pages_whose_panels_are_all_right() -> None:
    labels = PageLabels(panels=(TOP, BOTTOM))
    turned = score_page(PageFindings(panels=(BOTTOM, TOP)), labels).order
    exact = score_page(PageFindings(panels=(TOP, BOTTOM)), labels).order
    missed = score_page(PageFindings(panels=(TOP,)), labels).order
    assert turned == OrderScore(pages=1, right=1, exact=0, tau_sum=-1.0, compared=1)
    assert exact == OrderScore(pages=1, right=1, exact=1, tau_sum=1.0, compared=1)
    assert missed == OrderScore(pages=1, right=0, exact=0, tau_sum=0.0, compared=0)
    one_too_many = PageFindings(panels=(TOP, BOTTOM, ASIDE))
    assert score_page(one_too_many, labels).order == replace(exact, right=0, exact=0)
    assert score_page(one_too_many, replace(labels, panels_in_order=False)).order is None
    assert (exact + turned + missed).tau == 0.0


def test_letters_add_up_by_their_number() -> None:
    long = score_page(PageFindings(text=""), PageLabels(transcript="「あいうえおかきく」"))
    short = score_page(PageFindings(text="ん"), PageLabels(transcript="ん、ん"))
    assert (long.letters, short.letters) == (Share(0, 8), Share(1, 2))
    assert (long + short).letters == Share(1, 10)


def test_stray_lettering_lowers_its_share_and_not_the_regions() -> None:
    labels = PageLabels(regions=(TOP, BOTTOM))
    score = score_page(PageFindings(lettering=(Box(5, 5, 20, 20), ASIDE, ASIDE)), labels)
    assert (score.regions, score.lettering) == (Share(1, 2), Share(1, 3))


def test_found_faces_are_listed_false_or_on_no_list() -> None:
    labels = PageLabels(faces=(TOP, Box(300, 0, 340, 40)), not_faces=(BOTTOM,))
    faces = score_page(PageFindings(faces=(ASIDE, TOP, BOTTOM)), labels).faces
    assert faces == FaceScore(hits=1, false=1, unlisted=1, listed=2)
    assert faces.precision.value == pytest.approx(1 / 3)
    assert faces.precision_of_listed.value == 0.5
    assert faces.found.value == 0.5


def test_labels_are_stretched_to_the_picture_and_clipped() -> None:
    labels = PageLabels((Box(-9, 0, 50, 120),), True, (Box(110, 0, 130, 9),), "a", None, (TOP,))
    fit = fitted(labels, (100, 100), (200, 400))
    assert fit.panels == (Box(0, 0, 100, 400),)
    assert fit.regions == ()
    assert (fit.faces, fit.not_faces) == (None, (Box(0, 0, 200, 200),))
    assert fitted(labels, None, (100, 100)).panels == (Box(0, 0, 50, 100),)


# --- a detector over pages ------------------------------------------------------------------


def test_the_oracle_scores_one_and_the_random_detector_near_chance(
    pages: list[LabelledPage],
) -> None:
    heard: list[str] = []
    report = evaluate_detector(oracle(), pages, lambda page: heard.append(page.key))
    assert heard == list(KEYS)
    assert shares(report.total) == [1.0] * 10
    assert [page.notes for page in report.pages] == [()] * 4
    chance = evaluate_detector(RandomDetector(), pages).total
    assert chance.panels is not None
    assert chance.balloons is not None
    assert chance.letters == replace(chance.letters, part=0)
    assert chance.panels.f1 < 0.3
    assert chance.balloons.f1 < 0.3


def test_labels_of_another_size_are_stretched(pages: list[LabelledPage]) -> None:
    assert pages[0].size is not None
    wide, high = pages[0].size
    doubled = fitted(pages[0].labels, (wide, high), (2 * wide, 2 * high))
    page = replace(pages[0], size=(2 * wide, 2 * high), labels=doubled)
    report = evaluate_detector(oracle(), [page])
    assert shares(report.total) == [1.0] * 10
    assert report.pages[0].notes == ()
    (odd,) = evaluate_detector(oracle(), [replace(page, size=(2 * high, wide))]).pages
    assert "its boxes were stretched" in odd.notes[0]


def test_a_broken_picture_counts_as_nothing_found(
    pages: list[LabelledPage], tmp_path: Path
) -> None:
    broken = replace(pages[0], path=tmp_path / "01.png")
    broken.path.write_bytes(pages[0].path.read_bytes()[:2000])
    gone = replace(pages[1], path=tmp_path / "gone.png")
    report = evaluate_detector(oracle(), [broken, gone, *pages[2:]])
    assert report.unread == 2
    assert "no whole picture" in report.pages[0].notes[0]
    assert "gone.png" in report.pages[1].notes[0]
    score = report.total
    assert score.panels is not None
    assert score.panels.precision == 1.0
    assert score.panels.actual == sum(len(page.labels.panels or ()) for page in pages)
    assert score.panels.recall < 1.0
    assert dict(detector_rows(report))["pages"] == "4, 2 of them not read"


class Faceless:
    """Finds one panel and looks for no face."""

    name = "faceless"

    def detect(self, picture: PagePicture) -> Detection:
        whole = Box(0, 0, picture.page_image.width, picture.page_image.height)
        return Detection(panels=(FoundPanel(whole, 0.1),), notes=("faces_unavailable",))


def test_faces_that_were_not_looked_for_are_not_scored(pages: list[LabelledPage]) -> None:
    report = evaluate_detector(Faceless(), pages)
    assert report.total.faces is None
    assert report.total.uncertain_panels == 4
    assert "not scored" in dict(detector_rows(report))["faces"]


def test_a_report_is_told_in_lines_and_in_json(pages: list[LabelledPage]) -> None:
    report = evaluate_detector(oracle(), pages)
    assert page_cells(report.pages[0])[:4] == ("01", "1.00/1.00/1.00", "1.00/1.00/1.00", "exact")
    assert any("F1 1.000" in line for line in aligned(detector_rows(report)))
    told = json.loads(json.dumps(report_json(report)))
    assert list(told["pages"]) == list(KEYS)
    assert told["total"]["panels_iou50"]["f1"] == 1.0
    nothing = report_json(DetectorReport("none", ()))["total"]
    assert nothing["panels_iou50"] is None
    assert nothing["seconds_a_page"] == 0.0


# --- identities -----------------------------------------------------------------------------


def test_characters_match_by_face_before_box() -> None:
    body, face = Box(0, 0, 100, 200), Box(40, 10, 80, 50)
    other = Box(300, 0, 400, 200)
    found = [(Box(20, 0, 90, 90), face), (other, None)]
    truth = [(other, Box(310, 10, 340, 40)), (body, face)]
    assert match_characters(found, truth) == [(0, 1), (1, 0)]
    assert match_characters(found, []) == []


def test_identity_score_by_hand() -> None:
    score = identity_score([("w1", "a"), ("w1", "a"), ("w1", "b"), ("w2", "b")])
    assert score is not None
    assert (score.matched, score.clusters, score.drawn) == (4, 2, 2)
    assert score.purity == 0.75
    assert score.b_cubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert score.b_cubed_recall == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)
    assert identity_score([]) is None


# --- a drawn workspace ----------------------------------------------------------------------


def test_the_oracle_workspace_scores_one(tmp_path: Path) -> None:
    plan = plan_for(tmp_path / "work")
    assert sample_accuracy(plan) is None
    run_all(plan)
    accuracy = sample_accuracy(plan)
    assert accuracy is not None
    assert accuracy.series == ("ink", "reed")
    assert shares(accuracy.score) == [1.0] * 10
    assert accuracy.large_faces.value == 1.0
    assert accuracy.identities is not None
    assert accuracy.identities.matched > 10
    assert 0 < accuracy.identities.purity <= 1
    assert accuracy.identities_in_samples == accuracy.identities.clusters
    assert any("1.000" in line for line in lines(accuracy))
    assert json.loads(json.dumps(accuracy_json(accuracy)))["panels_iou75"]["f1"] == 1.0


def test_the_random_workspace_scores_near_chance(tmp_path: Path) -> None:
    entries = [plain_entry("rush", cap_unit="double")]
    plan = plan_for(tmp_path / "work", entries, profile(detect={"detector": "random"}))
    run_all(plan)
    accuracy = sample_accuracy(plan)
    assert accuracy is not None
    score = accuracy.score
    assert score.panels is not None
    assert score.panels.f1 < 0.3
    assert score.letters == replace(score.letters, part=0)
    assert score.faces is not None
    assert (score.faces.found.value, accuracy.large_faces.value) == (0.0, 0.0)
    assert any("no face at all" in line for line in lines(accuracy))


def test_no_drawn_series_no_accuracy(tmp_path: Path) -> None:
    plan = plan_for(tmp_path / "work", [folder_entry(tmp_path)])
    assert sample_accuracy(plan) is None


# --- the commands ---------------------------------------------------------------------------


def test_detector_command_prints_lines_and_clean_json(
    pages: list[LabelledPage], tmp_path: Path
) -> None:
    truth = tmp_path / "truth.json"
    panels = [{"order": i, "bbox_xyxy": list(box)} for i, box in enumerate(labels(pages[0]))]
    truth.write_text(json.dumps({"pages": {"01": {"panels": panels}}}))
    options = ["detector", "--pages", str(pages[0].path.parent), "--truth", str(truth)]
    environment = {"MANGAZERO_FACES_PYTHON": ""}
    plain = CliRunner().invoke(app, options, env=environment)
    assert plain.exit_code == 0
    assert "no face environment" in plain.output
    assert "text regions found" in plain.output
    told = json.loads(CliRunner().invoke(app, [*options, "--json"], env=environment).stdout)
    assert told["total"]["panels_iou50"]["f1"] > 0.5
    assert told["total"]["text_regions"] is None


def labels(page: LabelledPage) -> tuple[Box, ...]:
    return page.labels.panels or ()


def test_detector_command_refuses_what_is_not_there(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    result = CliRunner().invoke(app, ["detector", "--pages", gone, "--truth", gone])
    assert isinstance(result.exception, NothingToRead)
    result = CliRunner().invoke(app, ["detector", "--pages", str(tmp_path), "--truth", gone])
    assert isinstance(result.exception, BadConfig)


def test_sample_command_says_what_is_missing(tmp_path: Path) -> None:
    manifests = small_manifests(tmp_path / "manifests")
    options = ["sample", "--profile", "small", "--work", str(tmp_path / "work")]
    environment = {"MANGAZERO_MANIFESTS": str(manifests)}
    result = CliRunner().invoke(app, options, env=environment)
    assert isinstance(result.exception, NothingToRead)
    assert "nothing is detected there yet" in str(result.exception)
    run_all(plan_for(tmp_path / "work", [drawn_entry()]))
    result = CliRunner().invoke(app, [*options, "--json"], env=environment)
    assert json.loads(result.stdout)["series"] == ["ink"]
    assert "purity" in CliRunner().invoke(app, options, env=environment).output
