"""A dataset from Python and notebooks: the same functions as the command line's, as methods.

    from pixset.datasets import Dataset

    pizza = Dataset("pizza")
    pizza.scrape("pizza", limit=300)
    pizza.dedupe()
    pizza.split(ratio="80/20")

Nothing is printed: methods return reports that show themselves in a notebook. Mistakes and
refusals are pixset's own exceptions. Long work shows tqdm's bars, as widgets where there are some.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ..curation.progress import Progress, silent
from . import steps
from .collect.settings import SearchOptions, SearchWords
from .image_rows import ImageRows, image_rows
from .project import Project, is_dataset
from .status import DatasetStatus, status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..scraper.models import Filters
    from .build import Built
    from .collect.import_folder import Imported
    from .curate import CurateReport
    from .curate.history import Undone
    from .curate.label_report import LabelReport
    from .exporters import Exported
    from .notebook import NotebookReport
    from .review.server import Review
    from .tree.report import DatasetTreeReport
    from .tree.settings import SplitWords
    from .verify import Verified

Pair = tuple[str | Path, str | Path]


@contextmanager
def bars(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """One piece of work as tqdm shows it: a widget in a notebook, else a line on stderr."""
    from tqdm.auto import tqdm  # looks for widgets

    with tqdm(desc=description, total=total, unit="") as bar:

        def advance(done: int) -> None:
            bar.update(done)

        yield advance


class Dataset:
    """A dataset folder, there already or made by the first `scrape`, `build` or `import_folder`.

    `progress` shows long work (the `Progress` protocol); None is silent. Options are named as on
    the command line, with `_` for `-`; methods raise `DatasetError`, `ScraperError` or
    `CurationError`, of which UsageError is the caller's mistake.
    """

    def __init__(self, folder: str | Path = "dataset", *, progress: Progress | None = bars) -> None:
        self.project = Project(Path(folder))
        self._progress = progress or silent

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.project.root

    @property
    def ready(self) -> Path:
        """The tree for training, there after `split` or `build`."""
        return self.project.ready

    @property
    def exists(self) -> bool:
        """Whether there is a dataset in the folder."""
        return is_dataset(self.folder)

    def scrape(
        self,
        *terms: str,
        recipe: str | Path | None = None,
        label: str | None = None,
        limit: int | None = None,
        filters: Filters | None = None,
        expand: bool = False,
        exclude_hosts: Sequence[str] = (),
        **search: Unpack[SearchWords],
    ) -> steps.Scraped:
        """Search for terms of one label, or for what a recipe says, and bring the pictures.

        Without either, what the dataset's own recipe says is asked. Raises the refusal where every
        engine refused; what is done is kept, and the same call goes on with it.
        """
        from ..scraper.models import Filters as NoFilters

        request = steps.ScrapeRequest(
            terms=terms,
            recipe=None if recipe is None else str(recipe),
            label=label,
            limit=limit,
            filters=filters or NoFilters(),
            expand=expand,
            exclude_hosts=exclude_hosts,
        )
        done = steps.scrape(self.project, request, self._search(search), self._progress)
        if done.refusal is not None:
            raise done.refusal
        return done

    def build(
        self,
        what: str | Path,
        *,
        positive: str | None = None,
        negative: Sequence[str] = (),
        label: str | None = None,
        per_class: int | None = None,
        expand: bool = False,
        **search: Unpack[SearchWords],
    ) -> Built:
        """Scrape, check, dedupe and split in a row: "binary" with a `positive`, or a recipe."""
        from .build import build
        from .recipe.binary import chosen
        from .recipe.toml import recipe_of

        options = self._search(search)
        options.settings()
        known = recipe_of(self.project).slugs
        wanted = chosen(str(what), positive, negative, per_class, label, known).recipe
        collect_options = options.settings(wanted).options()
        done = build(self.project, wanted, collect_options, self._progress, expand=expand)
        if done.refusal is not None:
            raise done.refusal
        return done

    def import_folder(
        self, folder: str | Path, *, labels: Mapping[str, str] | None = None, link: bool = False
    ) -> Imported:
        """Bring class folders from elsewhere in; `labels` renames a folder's class."""
        from .collect.import_folder import import_folder

        return import_folder(
            self.project, Path(folder), labels=labels, link=link, progress=self._progress
        )

    def check(self, thresholds: Mapping[str, float] | None = None) -> CurateReport:
        """Find pictures with something wrong; the recipe remembers `thresholds`, check → number."""
        return steps.check(self._open(), thresholds, self._progress)

    def dedupe(
        self,
        *,
        duplicate: Sequence[Pair] = (),
        not_duplicate: Sequence[Pair] = (),
        drop_moments: bool | None = None,
    ) -> CurateReport:
        """Find exact and near-duplicates; pairs (files, or ids) are remembered.

        `drop_moments`: whether frames of one moment go like copies, from now on.
        """
        statements = [
            (Path(one), Path(other), same)
            for pairs, same in ((duplicate, True), (not_duplicate, False))
            for one, other in pairs
        ]
        return steps.dedupe(
            self._open(), statements, drop_moments=drop_moments, progress=self._progress
        )

    def check_labels(
        self,
        model: str | Path | None = None,
        *,
        preparation: str | None = None,
        share: float = 0.02,
    ) -> LabelReport:
        """Hold the kept pictures against their labels, by an image model (an ONNX file).

        Without one, by colour and layout alone. What is found waits on the review page; nothing is
        dropped for it. `share` is how many to call off topic.
        """
        from ..curation.labels.embedding import Classical
        from ..curation.labels.onnx_model import OnnxEmbedder, preparation_of

        scaling = preparation_of(preparation) if preparation else None
        embedder = Classical() if model is None else OnnxEmbedder(Path(model), scaling)
        return steps.check_labels(self._open(), embedder, share=share, progress=self._progress)

    def undo(self) -> Undone:
        """Take back the last step of decisions, and say which."""
        from .curate.history import undo

        return undo(self._open())

    def split(self, **words: Unpack[SplitWords]) -> DatasetTreeReport:
        """Build `ready`: train, val (and test) without a copy in two splits."""
        from .tree.settings import split_options

        return steps.split(self._open(), split_options(**words), self._progress)

    def review(self, port: int = 0) -> Review:
        """Serve the review page on this computer; `with d.review() as page: print(page.url)`."""
        from .review import serve

        project = self._open()
        steps.look_at_new(project, self._progress)
        return serve(project, port)

    def verify(self, *, copies: bool = True) -> Verified:
        """Say of the tree what trips loaders, and what each would make of it."""
        from .verify import verify

        return verify(self._open().ready, copies=copies, progress=self._progress)

    def export(
        self,
        form: str,
        out: str | Path,
        *,
        replace: bool = False,
        **options: Any,
    ) -> Exported:
        """Write the tree in another format; the options are those of `ExportOptions`."""
        from .exporters import ExportOptions, export

        chosen = ExportOptions(**options)
        return export(self.folder, form, Path(out), chosen, self._progress, replace=replace)

    def status(self) -> DatasetStatus:
        """Say what was asked, found, fetched, valid, unique, kept; and why there is not more."""
        return status_of(self._open())

    def report(self, html: str | Path | None = None) -> NotebookReport:
        """The dataset in numbers; `html` names a file for the whole page, which needs no other."""
        from .notebook import report

        return report(self._open(), None if html is None else Path(html))

    @property
    def images(self) -> Any:
        """A row a picture: a pandas DataFrame where pandas is there, else `rows`."""
        try:
            import pandas
        except ImportError:
            return self.rows
        return pandas.DataFrame(self.rows.to_dicts())

    @property
    def rows(self) -> ImageRows:
        """A row a picture (`ImageRow`), without pandas."""
        return image_rows(self._open())

    def __repr__(self) -> str:
        if not self.exists:
            return f"Dataset({str(self.folder)!r}): nothing here yet"
        return f"Dataset({str(self.folder)!r})\n{self.status()!r}"

    def _repr_html_(self) -> str:
        from .notebook import dataset_html

        return dataset_html(self.project)

    def _open(self) -> Project:
        return Project.open(self.folder)

    def _search(self, words: SearchWords) -> SearchOptions:
        return SearchOptions(**words, into=self.folder)
