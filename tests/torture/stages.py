"""The stages that are killed: what each begins with, and the command that is run again."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixset.scraper.replica import serve
from support.pictures import photo
from support.servers import Host, answer, serving

from .runs import World, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CLASSES = ("cat", "dog", "owl")
_SUMMANDS = {"cat": 0, "dog": 1000, "owl": 2000}


@dataclass(frozen=True)
class Stage:
    """One command; `template` is copied before each row of kills."""

    name: str
    words: Sequence[str]
    template: Path

    def world(self, home: Path, *, planted: bool = False) -> World:
        """A fresh world with the template's files in it."""
        world = World(home, planted=planted)
        home.mkdir(parents=True)
        world.tmp.mkdir()
        shutil.copytree(self.template, world.work, symlinks=True)
        return world


def draw_photos(folder: Path, each: int) -> Path:
    """Class folders of drawn pictures; every fifth has a smaller copy beside it."""
    for label in CLASSES:
        home = folder / label
        home.mkdir(parents=True)
        for number in range(each):
            picture = photo(_SUMMANDS[label] + number)
            picture.save(home / f"{number:03}.jpg", quality=90)
            if number % 5 == 0:
                small = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4))
                small.save(home / f"{number:03}_small.jpg", quality=85)
    return folder


@contextmanager
def all_stages(home: Path, names: Sequence[str], *, each: int) -> Iterator[list[Stage]]:
    """The stages asked for, with the servers they need; templates are made below `home`."""
    with ExitStack() as servers:
        photos = draw_photos(home / "photos", each)
        yield [STAGES[name](home / f"template {name}", photos, servers) for name in names]


def _prepared(home: Path, photos: Path, *commands: Sequence[str]) -> Path:
    """A template: the photographs, and what some commands make of them."""
    world = World(home).make()
    shutil.copytree(photos, world.work / "photos")
    for words in commands:
        ran = run(world, words)
        assert ran.code == 0, f"{words}: {ran.err[-2000:]}"
    return world.work


def _import(home: Path, photos: Path, _: ExitStack) -> Stage:
    template = _prepared(home, photos)
    return Stage("import", ("import", "photos", "--into", "ds", "--copy"), template)


def _split(home: Path, photos: Path, _: ExitStack) -> Stage:
    template = _prepared(home, photos, ("import", "photos", "--into", "ds", "--copy"))
    return Stage("split", ("split", "ds", "--size", "64"), template)


def _split_folders(home: Path, photos: Path, _: ExitStack) -> Stage:
    template = _prepared(home, photos)
    return Stage("split folders", ("split", "photos", "--out", "tree", "--size", "64"), template)


def _export(home: Path, photos: Path, _: ExitStack) -> Stage:
    made = (("import", "photos", "--into", "ds", "--copy"), ("split", "ds", "--size", "64"))
    template = _prepared(home, photos, *made)
    return Stage("export", ("export", "ds", "--format", "webdataset", "--out", "shards"), template)


def _dedupe(home: Path, photos: Path, _: ExitStack) -> Stage:
    template = _prepared(home, photos)
    return Stage("dedupe --move-to", ("dedupe", "photos", "--move-to", "copies"), template)


def _fetch(home: Path, photos: Path, servers: ExitStack) -> Stage:
    host = servers.enter_context(serving(Host()))
    template = home / "work"
    template.mkdir(parents=True)
    rows = []
    for path in sorted(photos.rglob("*.jpg")):
        data = path.read_bytes()
        host.pages[f"/{path.parent.name}/{path.name}"] = answer(data)
        digest = hashlib.sha256(data).hexdigest()
        rows.append(
            {
                "id": digest[:16],
                "label": path.parent.name,
                "split": "val" if len(rows) % 5 == 0 else "train",
                "image_url": f"{host.url}/{path.parent.name}/{path.name}",
                "source_sha256": digest,
                "transform": "crop64;q90",
            }
        )
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (template / "manifest.jsonl").write_text(lines, "utf-8")
    words = ("fetch", "manifest.jsonl", "--into", "again", "--allow-private")
    return Stage("fetch", words, template)


def _build(home: Path, _: Path, servers: ExitStack) -> Stage:
    replica = servers.enter_context(serve(per_term=20))
    (home / "work").mkdir(parents=True)
    words = (
        *("build", "binary", "--positive", "pizza", "--negative", "sushi", "--per-class", "8"),
        *("--replica", replica.url, "--unattended", "--into", "ds"),
    )
    return Stage("build", words, home / "work")


STAGES = {
    "import": _import,
    "split": _split,
    "split folders": _split_folders,
    "export": _export,
    "dedupe --move-to": _dedupe,
    "fetch": _fetch,
    "build": _build,
}
