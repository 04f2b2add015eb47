"""Pictures that stood in a page, for want of their originals."""

from __future__ import annotations

import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

from pixset.datasets.collect.laid_aside import LaidAside
from pixset.datasets.project import Project

if TYPE_CHECKING:
    from pathlib import Path


def name(data: bytes) -> str:
    return sha256(data).hexdigest()


def test_what_is_laid_aside_is_found_also_by_a_later_run(tmp_path: Path) -> None:
    project = Project(tmp_path)
    aside, pictures = LaidAside(project), [b"one", b"two", b"three"]
    assert aside.find(name(b"one")) is None
    for data in (*pictures, b"two"):
        aside.add(name(data), data, "jpg")
    for shelf in (aside, LaidAside(project)):
        assert [shelf.read(name(data)) for data in pictures] == [(data, "jpg") for data in pictures]
        assert shelf.read(name(b"four")) is None
    assert len(list((tmp_path / "previews").iterdir())) == 3


def test_the_folder_is_listed_once(tmp_path: Path) -> None:
    aside = LaidAside(Project(tmp_path))
    aside.add(name(b"one"), b"one", "png")
    late = LaidAside(Project(tmp_path))
    assert late.find(name(b"one"))
    shutil.rmtree(tmp_path / "previews")
    assert late.find(name(b"one")) == tmp_path / "previews" / f"{name(b'one')[:16]}.png"
    assert late.read(name(b"one")) is None


def test_what_is_no_longer_what_was_laid_aside_is_not_taken(tmp_path: Path) -> None:
    aside = LaidAside(Project(tmp_path))
    aside.add(name(b"picture"), b"picture", "jpg")
    file = aside.find(name(b"picture"))
    assert file is not None
    file.write_bytes(b"pict")
    assert aside.read(name(b"picture")) is None
