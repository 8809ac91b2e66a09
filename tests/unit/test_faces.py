from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.cli.opening import faces_python
from pipeline.core.errors import BadItem
from pipeline.ports.classical.faces import AnimeFaceWorker, FaceSearch, FacesUnavailable
from pipeline.ports.classical.figures import grow_to_figure, panel_around
from pipeline.synthetic.known_face import known_face
from schemas.boxes import Box

GREETING = 'say({"ready": True, "animeface": "fake", "pillow": "11"})'

SCRIPT = """
import json, os, sys, time
def say(message):
    sys.stdout.write(json.dumps(message) + "\\n")
    sys.stdout.flush()
{greeting}
calls = 0
for line in sys.stdin.buffer:
    header = json.loads(line)
    raw = sys.stdin.buffer.read(header["width"] * header["height"] * 3)
    calls += 1
    {answer}
"""
FINDS_ONE = 'say({"faces": [[1, 2, header["width"] - 1, 9, 0.95], [0, 0, 5, 5, 0.2]]})'


def small_face() -> Image.Image:
    return Image.new("RGB", (20, 10), "white")


def page(width: int = 40, height: int = 50) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    return np.zeros((height, width, 3), np.uint8)


def worker(
    folder: Path, answer: str, greeting: str = GREETING, search: FaceSearch | None = None
) -> AnimeFaceWorker:
    script = folder / "fake_worker.py"
    script.write_text(SCRIPT.format(greeting=greeting, answer=answer))
    return AnimeFaceWorker(
        sys.executable, small_face, search or FaceSearch(timeout_s=20.0), script=script
    )


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_faces_come_back_as_boxes_above_the_likelihood(tmp_path: Path) -> None:
    with worker(tmp_path, FINDS_ONE) as faces:
        assert faces.find(page()) == [(Box(1, 2, 39, 9), 0.95)]
        assert faces.versions == {"animeface": "fake", "pillow": "11"}


def test_large_pages_are_shrunk_and_boxes_brought_back(tmp_path: Path) -> None:
    search = FaceSearch(page_height=50, timeout_s=20.0)
    with worker(tmp_path, FINDS_ONE, search=search) as faces:
        ((box, _),) = faces.find(page(width=400, height=500))
    assert box == Box(10, 20, 390, 90)


def test_a_worker_that_sees_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FacesUnavailable, match="pillow<12"):
        worker(tmp_path, 'say({"faces": []})')


def test_a_worker_without_animeface_is_refused(tmp_path: Path) -> None:
    greeting = 'say({"error": "ModuleNotFoundError: animeface"}); sys.exit(1)'
    with pytest.raises(FacesUnavailable, match="animeface"):
        worker(tmp_path, FINDS_ONE, greeting)


def test_a_missing_interpreter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FacesUnavailable, match="cannot start"):
        AnimeFaceWorker(tmp_path / "no-python", small_face)


def test_a_worker_that_dies_at_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FacesUnavailable, match="exit code 3"):
        worker(tmp_path, FINDS_ONE, "sys.exit(3)")


def test_a_worker_that_talks_nonsense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FacesUnavailable, match="not JSON"):
        worker(tmp_path, FINDS_ONE, 'print("hello", flush=True)')


@pytest.mark.parametrize("answer", ["time.sleep(60)", "break"], ids=["hangs", "dies"])
def test_a_worker_that_fails_on_a_picture_twice_gives_the_picture_up(
    tmp_path: Path, answer: str
) -> None:
    # The known face is 20 wide: only the page that follows it defeats the worker.
    defeat = f"if header['width'] != 20: {answer}\n    {FINDS_ONE}"
    with worker(tmp_path, defeat, search=FaceSearch(timeout_s=1.0)) as faces:
        start = time.monotonic()
        with pytest.raises(BadItem, match="fails on this picture"):
            faces.find(page())
        assert time.monotonic() - start < 10.0
        assert faces.find(page(width=20)) == [(Box(1, 2, 19, 9), 0.95)]


def test_a_worker_that_dies_once_is_started_again(tmp_path: Path) -> None:
    mark = tmp_path / "died"
    once = (
        f"if calls == 2 and not os.path.exists({str(mark)!r}):\n"
        f"        open({str(mark)!r}, 'w').close()\n        os._exit(1)\n    {FINDS_ONE}"
    )
    with worker(tmp_path, once) as faces:
        assert len(faces.find(page())) == 1
    assert mark.exists()


def test_an_error_told_by_the_worker_is_the_pictures(tmp_path: Path) -> None:
    told = f"if header['width'] != 20: say({{'error': 'no such mode'}}); continue\n    {FINDS_ONE}"
    with worker(tmp_path, told) as faces, pytest.raises(BadItem, match="no such mode"):
        faces.find(page())


def test_a_worker_that_never_reads_is_given_up_in_time(tmp_path: Path) -> None:
    deaf = f"if calls == 1: {FINDS_ONE}\n    time.sleep(60)"
    with worker(tmp_path, deaf, search=FaceSearch(page_height=2000, timeout_s=1.0)) as faces:
        start = time.monotonic()
        with pytest.raises(BadItem, match="no answer in 1 s"):
            faces.find(page(width=900, height=900))
        assert time.monotonic() - start < 10.0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_close_ends_the_process(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    noted = f"open({str(pid_file)!r}, 'w').write(str(os.getpid())); {FINDS_ONE}"
    faces = worker(tmp_path, noted)
    pid = int(pid_file.read_text())
    assert is_alive(pid)
    faces.close()
    assert not is_alive(pid)


ANIMEFACE = """
from types import SimpleNamespace
print("a library that prints on standard output")
def detect(picture):
    if picture.width == 13:
        raise ValueError("thirteen")
    pos = SimpleNamespace(x=1, y=2, width=picture.width // 2, height=picture.height // 2)
    return [SimpleNamespace(likelihood=0.97, face=SimpleNamespace(pos=pos))]
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module called animeface, so that the real worker script runs in this environment."""
    (tmp_path / "animeface.py").write_text(ANIMEFACE)
    facts = tmp_path / "animeface-9.9.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: animeface\nVersion: 9.9\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("stand_in")
def test_the_worker_script_speaks_the_protocol() -> None:
    with AnimeFaceWorker(sys.executable, small_face) as faces:
        assert faces.find(page()) == [(Box(1, 2, 21, 27), 0.97)]
        with pytest.raises(BadItem, match="thirteen"):
            faces.find(page(width=13))
        assert faces.find(page(width=80)) == [(Box(1, 2, 41, 27), 0.97)]
        assert faces.versions["animeface"] == "9.9"


ORPHAN = """
import sys, time
from pathlib import Path
from PIL import Image
from pipeline.ports.classical.faces import AnimeFaceWorker
faces = AnimeFaceWorker(sys.executable, lambda: Image.new("RGB", (20, 10)))
children = Path("/proc/self/task").glob("*/children")
print(*[pid for listed in children for pid in listed.read_text().split()], flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the parent's death signal is Linux's")
@pytest.mark.usefixtures("stand_in")
def test_the_worker_dies_with_its_parent() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, cwd=root, text=True
    ) as parent:
        assert parent.stdout is not None
        (child,) = map(int, parent.stdout.readline().split())
        assert is_alive(child)
        parent.kill()
    deadline = time.monotonic() + 5.0
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)


def test_the_real_worker_says_what_is_missing_in_this_environment() -> None:
    with pytest.raises(FacesUnavailable, match="no faces can be looked for"):
        AnimeFaceWorker(sys.executable, known_face)


@pytest.mark.skipif(not faces_python(), reason="there is no face environment: make setup")
def test_the_real_worker_finds_the_known_face() -> None:
    with AnimeFaceWorker(faces_python(), known_face) as faces:
        picture = np.asarray(known_face(), np.uint8)
        ((box, likelihood),) = faces.find(picture)
        assert faces.find(np.zeros_like(picture)) == []
    assert likelihood >= 0.9
    assert box.centre == pytest.approx((128, 128), abs=30)
    assert 60 <= box.width <= 160


FACE = Box(100, 100, 150, 150)


def test_a_face_grows_to_head_and_shoulders() -> None:
    figure = grow_to_figure(FACE, None, (1000, 1000))
    assert figure == Box(85, 85, 165, 180)
    assert figure.width == 1.6 * FACE.width
    assert figure.height == 1.9 * FACE.height


def test_a_figure_stays_in_its_panel_and_on_its_page() -> None:
    panel = Box(95, 0, 500, 160)
    assert grow_to_figure(FACE, panel, (1000, 1000)) == Box(95, 85, 165, 160)
    assert grow_to_figure(FACE, None, (160, 170)) == Box(85, 85, 160, 170)


def test_a_face_that_leans_out_of_its_panel_is_kept_whole() -> None:
    figure = grow_to_figure(FACE, Box(0, 0, 130, 400), (1000, 1000))
    assert FACE.share_inside(figure) == 1.0


def test_the_panel_around_a_face_is_the_one_that_holds_most_of_it() -> None:
    left, right, small = Box(0, 0, 120, 400), Box(120, 0, 400, 400), Box(90, 90, 160, 160)
    assert panel_around(FACE, [left, right]) == right
    assert panel_around(FACE, [Box(0, 0, 400, 400), small]) == small
    assert panel_around(FACE, [Box(300, 300, 400, 400)]) is None
