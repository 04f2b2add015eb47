"""Class folders from elsewhere into the pool, so that everything else works on them too.

Pictures are copied: of a hard link, an edit of the original would alter the pool unnoticed. Where
they are never edited, links may be asked for. A picture's provenance is `import`: no engine, no
address.
"""

from __future__ import annotations

import errno
import logging
import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...curation.printable import counted, printable
from ...curation.progress import Progress, silent
from ...scraper.fetch.formats import sniff
from ...scraper.models import Candidate, Query
from ..catalogue import forgetting, images, searches
from ..catalogue.images import Fate, ImageRecord
from ..catalogue.searches import SearchRecord
from ..errors import DatasetError, UsageError
from ..names import plain_name
from ..recipe import Label, Recipe, merge
from ..recipe.toml import read, recipe_of
from ..recipe.toml import write as write_recipe
from . import image_store as pool
from .class_folders import read_class_folders

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..catalogue import Catalogue
    from ..project import Project

_log = logging.getLogger(__name__)
ENGINE = "import"
NO_PICTURE = "no picture"
_BATCH = 200  # files a transaction
_MOST_BYTES = 512 << 20  # of one file: no picture of a camera, scanner or program comes near


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in: `added` by label, `known` pictures that were there before, `restored` those
    whose file was lost and is back, and what was left out, path → reason. `linked` counts hard
    links, the rest was copied."""

    added: Mapping[str, int]
    known: int
    restored: int
    linked: int
    left_out: Mapping[str, str]

    @property
    def no_picture(self) -> tuple[str, ...]:
        """The files that are no pictures."""
        return tuple(name for name, why in self.left_out.items() if why == NO_PICTURE)


def import_folder(
    project: Project,
    folder: Path,
    *,
    labels: Mapping[str, str] | None = None,
    link: bool = False,
    progress: Progress = silent,
) -> Imported:
    """Bring the class folders of `folder` in; `labels` renames a folder's class, `link` makes hard
    links in place of copies, where the file system can.

    Raises UsageError where there are no class folders, a name makes no label, or the folder
    holds the dataset or lies in its pool.
    """
    _refuse_overlap(project, folder)
    found = read_class_folders(folder, labels or {}, recipe_of(project).slugs)
    files = found.files
    with_labels(project, folder, found.labels, labels or {})  # a mistake makes no dataset
    done = _Import(project, folder, link=link)
    done.left_out |= found.left_out
    with project.open_catalogue(create=True) as cat, progress("import", len(files)) as advance:
        # Of a recipe that another import may have written until now.
        write_recipe(project.recipe, with_labels(project, folder, found.labels, labels or {}))
        for start in range(0, len(files), _BATCH):
            batch = files[start : start + _BATCH]
            with cat.transaction():
                for slug, relative in batch:
                    done.bring(cat, slug, relative)
            advance(len(batch))
        with cat.transaction():
            done.finish(cat)
    return done.result()


def _refuse_overlap(project: Project, folder: Path) -> None:
    """The next import would take the pool's folders for classes, and the tree's for originals."""
    inner, outer = project.root.resolve(), folder.resolve()
    if inner == outer or outer in inner.parents:
        raise UsageError(f"{project.root}: lies inside {folder}; name a dataset elsewhere (--into)")
    for own, what in (("images", "pool"), ("ready", "tree")):
        if inner / own in (outer, *outer.parents):
            raise UsageError(
                f"{folder}: is the {what} of {project.root}: its pictures are in already"
            )


def with_labels(
    project: Project, folder: Path, found: Mapping[str, str], given: Mapping[str, str]
) -> Recipe:
    """The dataset's recipe with the labels; one that is there stays as it is.

    `found` is class folder → slug, `given` what was named by hand. Raises UsageError where a folder
    would join the label of another name: `C++` that of `C`.
    """
    there = read(project.recipe) if project.recipe.is_file() else None
    labels = {}
    for home, slug in found.items():
        name = home.rpartition("/")[2]
        known = there.label(slug) if there else None
        if (
            known
            and known.name
            and name not in given
            and plain_name(printable(name)) != plain_name(known.name)
        ):
            raise UsageError(
                f"{folder / home}: would join label {slug!r}, which is {known.name!r}; if that is "
                f"meant, say --label {name}={slug}"
            )
        labels[slug] = Label(slug, name="" if name == slug or name in given else printable(name))
    new = Recipe(
        project.root.resolve().name,
        tuple(labels.values()),
        description=f"Imported from {printable(folder.name)}.",
    )
    if there is None:
        return new
    unknown = tuple(one for one in new.labels if there.label(one.slug) is None)
    return merge(there, replace(there, labels=unknown)) if unknown else there


class _Import:
    """One import under way."""

    def __init__(self, project: Project, folder: Path, *, link: bool) -> None:
        self._project = project
        self._folder = folder
        self._link_files = link
        self._ranks: Counter[str] = Counter()
        self._added: Counter[str] = Counter()
        self._searches: dict[str, SearchRecord] = {}
        self._known = 0
        self._restored = 0
        self._linked = 0
        self.left_out: dict[str, str] = {}

    def bring(self, cat: Catalogue, slug: str, relative: str) -> None:
        """Bring one file in; what is no picture or cannot be read is left, with the reason."""
        path = self._folder / relative
        try:
            if path.stat().st_size > _MOST_BYTES:
                self.left_out[relative] = f"larger than {_MOST_BYTES >> 20} MB"
                return
            data = path.read_bytes()
        except OSError as error:
            self.left_out[relative] = f"cannot be read: {error.strerror}"
            return
        extension = sniff(data)
        if extension is None:
            self.left_out[relative] = NO_PICTURE
            return
        sha256 = pool.digest(data)
        if forgetting.is_forgotten(cat, sha256):
            self.left_out[relative] = "forgotten: `pixset forget` took this picture"
            return
        search = self._search(cat, slug)
        self._ranks[slug] += 1
        # Two folders of one name may hold other pictures under the same names.
        key = f"{printable(relative)} {sha256[:8]}"
        known = images.image_path(cat, sha256) is not None
        lost = known and not pool.is_there(self._project, cat, sha256)
        if not known and self._link_files:
            self._link(cat, slug, path, data, extension)
        pool.keep(self._project, cat, slug, data, extension)
        images.record_fate(cat, Fate(f"import:{sha256}", "import", sha256=sha256))
        claim = Candidate(ENGINE, key, self._ranks[slug], None, None, title=printable(path.stem))
        searches.record_sighting(cat, search, claim, None)
        images.attach(cat, search, key, claim.rank, sha256, "import")
        self._known += known and not lost
        self._restored += lost
        self._added[slug] += not known

    def finish(self, cat: Catalogue) -> None:
        """Record that all of it is in."""
        for slug, search in self._searches.items():
            done = replace(search, asked=self._ranks[slug])
            searches.end_search(cat, done, "imported", counted(self._ranks[slug], "file"))

    def result(self) -> Imported:
        """What came in."""
        added, left_out = dict(self._added), self.left_out
        return Imported(added, self._known, self._restored, self._linked, left_out)

    def _search(self, cat: Catalogue, slug: str) -> SearchRecord:
        if slug not in self._searches:
            query = searches.canonical(Query(self._folder.resolve().name))
            search = SearchRecord(slug, ENGINE, query, self._folder.resolve().name, asked=0)
            searches.begin_search(cat, search)
            self._searches[slug] = search
        return self._searches[slug]

    def _link(self, cat: Catalogue, slug: str, path: Path, data: bytes, extension: str) -> None:
        """Link the file into the pool where that can be done; otherwise it will be copied."""
        sha256 = pool.digest(data)
        relative = f"images/{slug}/{sha256[:16]}.{extension}"
        home = self._project.image(relative)
        if images.path_taken(cat, relative) or home.exists():
            return
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            os.link(path.resolve(), home)  # of a symbolic link, its own would lead out of the pool
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DatasetError(
                    f"{home.parent}: the disk is full; make room, run again"
                ) from error
            return  # another file system, or one without links
        images.add_image(cat, ImageRecord(sha256, relative, len(data), extension))
        self._linked += 1
