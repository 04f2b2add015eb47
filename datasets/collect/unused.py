"""A dataset that a run made and in which it found nothing does not stay behind its refusal."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ..catalogue import images, searches
from ..errors import DatasetError, UsageError
from ..project import is_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..project import Project


@contextmanager
def new_only_if_used(project: Project) -> Iterator[Callable[[], None]]:
    """Take a dataset that the block made away again where it raises and nothing was found.

    Nothing: no result, no picture, no page saved for a repair. A folder that was there stays.
    The block is given a function that does the same without an error.
    """
    was_there = project.root.exists()
    if was_there and not project.root.is_dir():
        raise UsageError(f"{project.root}: is a file; expected a folder to make")
    if was_there and any(project.root.iterdir()):
        yield lambda: None
        return

    def give_up() -> None:
        with suppress(OSError, DatasetError):  # the error at hand is the one to report
            if _is_unused(project):
                _discard(project, root=not was_there)

    try:
        yield give_up
    except BaseException:  # Ctrl-C, too
        give_up()
        raise


def _is_unused(project: Project) -> bool:
    if project.pages.is_dir() and any(project.pages.iterdir()):
        return False
    if not is_dataset(project.root):
        return True
    with project.open_catalogue(write=False) as cat:
        return not searches.sightings(cat) and not images.images(cat)


def _discard(project: Project, *, root: bool) -> None:
    project.recipe.unlink(missing_ok=True)
    for path in project.root.glob(f"{project.catalogue.name}*"):
        path.unlink()
    (project.root / "pixset.lock").unlink(missing_ok=True)
    for folder in (project.images, project.pages):
        if folder.is_dir():
            folder.rmdir()
    if root:
        project.root.rmdir()
