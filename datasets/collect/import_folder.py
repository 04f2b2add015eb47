"""Class folders from elsewhere into the pool, so that everything else works on them too.

`DIR/<class>/…` or `DIR/{train,val,test,…}/<class>/…`: a split's folders are understood as such
and are no classes. Originals are hard-linked where the file system can (the pool never alters
a file), else copied. A picture's provenance is `import`: no engine, no address.
"""

from __future__ import annotations

import errno
import logging
import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from ...scraper.fetch.formats import sniff
from ...scraper.models import Candidate, Query
from .. import names as slugs
from ..catalogue import web
from ..catalogue.web import Fate, Picture, Search
from ..errors import DatasetError, UsageError
from ..recipe import Label, Recipe, merge
from ..recipe.toml import read
from ..recipe.toml import write as write_recipe
from . import image_store as pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..catalogue import Catalogue
    from ..project import Project

_log = logging.getLogger(__name__)
ENGINE = "import"
_BATCH = 200  # files a transaction


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in: `added` by label, `known` pictures that were there before, and `no_picture`
    files by their relative path. `linked` counts hard links, the rest was copied."""

    added: Mapping[str, int]
    known: int
    linked: int
    no_picture: tuple[str, ...]


def import_folder(
    project: Project,
    folder: Path,
    *,
    labels: Mapping[str, str] | None = None,
    copy: bool = False,
    progress: Progress = silent,
) -> Imported:
    """Bring the class folders of `folder` in; `labels` renames a folder's class.

    Raises UsageError where there are no class folders, or a name makes no label.
    """
    classes = class_folders(folder, labels or {})
    files = [(slug, path) for slug, home in classes for path in _files(home)]
    adopt_labels(project, folder, dict.fromkeys(slug for slug, _ in classes))
    done = _Import(project, folder, copy=copy)
    with project.open_catalogue(create=True) as cat, progress("import", len(files)) as advance:
        for start in range(0, len(files), _BATCH):
            batch = files[start : start + _BATCH]
            with cat.transaction():
                for slug, path in batch:
                    done.bring(cat, slug, path)
            advance(len(batch))
        with cat.transaction():
            done.finish(cat)
    return done.result()


def class_folders(folder: Path, labels: Mapping[str, str]) -> list[tuple[str, Path]]:
    """(slug, folder) of each class, split folders looked through; raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    homes = sorted(path for path in folder.iterdir() if path.is_dir() and _is_open(path.name))
    split = [path for path in homes if path.name.lower() in slugs.RESERVED]
    if split and len(split) == len(homes):
        homes = sorted(
            inner for path in split for inner in path.iterdir()
            if inner.is_dir() and _is_open(inner.name)
        )  # fmt: skip
    if not homes:
        raise UsageError(
            f"{folder}: expected class folders in it, as in {folder.name}/pizza/1.jpg or "
            f"{folder.name}/train/pizza/1.jpg"
        )
    found = []
    for home in homes:
        name = labels.get(home.name, home.name)
        slug = name if slugs.fault(name) is None else slugs.slug_of(name)
        found.append((slug, home))
    return found


def _is_open(name: str) -> bool:
    return not name.startswith((".", "__"))


def _files(home: Path) -> Iterator[Path]:
    yield from sorted(
        path for path in home.rglob("*") if path.is_file() and not path.name.startswith(".")
    )


def adopt_labels(project: Project, folder: Path, found: Mapping[str, None]) -> None:
    """Let the dataset's recipe know the labels; one that is there stays as it is."""
    new = Recipe(
        project.root.resolve().name,
        tuple(Label(slug) for slug in found),
        description=f"Imported from {folder.name}.",
    )
    if project.recipe.is_file():
        there = read(project.recipe)
        unknown = tuple(one for one in new.labels if there.label(one.slug) is None)
        new = merge(there, replace(there, labels=unknown)) if unknown else there
    write_recipe(project.recipe, new)


class _Import:
    """One import under way."""

    def __init__(self, project: Project, folder: Path, *, copy: bool) -> None:
        self._project = project
        self._folder = folder
        self._copy = copy
        self._ranks: Counter[str] = Counter()
        self._added: Counter[str] = Counter()
        self._searches: dict[str, Search] = {}
        self._known = 0
        self._linked = 0
        self._bad: list[str] = []

    def bring(self, cat: Catalogue, slug: str, path: Path) -> None:
        """Bring one file in; what is no picture is noted and left."""
        relative = path.relative_to(self._folder).as_posix()
        data = path.read_bytes()
        extension = sniff(data)
        if extension is None:
            self._bad.append(relative)
            return
        search = self._search(cat, slug)
        self._ranks[slug] += 1
        sha256 = pool.digest(data)
        # Two folders of one name may hold other pictures under the same names.
        key = f"{relative} {sha256[:8]}"
        known = web.picture_path(cat, sha256) is not None
        if not known and not self._copy:
            self._link(cat, slug, path, data, extension)
        pool.keep(self._project, cat, slug, data, extension)
        web.settle(cat, Fate(f"import:{sha256}", "import", sha256=sha256))
        claim = Candidate(ENGINE, key, self._ranks[slug], None, None, title=path.stem)
        web.see(cat, search, claim, None)
        web.put_label(cat, search, key, claim.rank, sha256, "import")
        self._known += known
        self._added[slug] += not known

    def finish(self, cat: Catalogue) -> None:
        """Record that all of it is in."""
        for slug, search in self._searches.items():
            done = replace(search, asked=self._ranks[slug])
            web.end_search(cat, done, "imported", f"{self._ranks[slug]} files")

    def result(self) -> Imported:
        """What came in."""
        return Imported(dict(self._added), self._known, self._linked, tuple(self._bad))

    def _search(self, cat: Catalogue, slug: str) -> Search:
        if slug not in self._searches:
            query = web.canonical(Query(self._folder.resolve().name))
            search = Search(slug, ENGINE, query, self._folder.resolve().name, asked=0)
            web.begin_search(cat, search)
            self._searches[slug] = search
        return self._searches[slug]

    def _link(self, cat: Catalogue, slug: str, path: Path, data: bytes, extension: str) -> None:
        """Link the file into the pool where that can be done; otherwise it will be copied."""
        sha256 = pool.digest(data)
        relative = f"images/{slug}/{sha256[:16]}.{extension}"
        home = self._project.image(relative)
        if web.path_taken(cat, relative) or home.exists():
            return
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, home)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DatasetError(
                    f"{home.parent}: the disk is full; make room, run again"
                ) from error
            return  # another file system, or one without links
        web.add_picture(cat, Picture(sha256, relative, len(data), extension))
        self._linked += 1
