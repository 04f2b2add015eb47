"""Arguments and options, each declared once.

Heavy modules are imported inside functions: `pixset --help` reads this file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from ...scraper.cli import AsJson, BrowserOption, DriverOption, RepairsOption
from ...scraper.options import RegistryCommand, engine_names, one_of
from ..errors import UsageError
from ..limits import MOST
from ..tree.target import LEAST_SIDE, MOST_SIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..project import Project

__all__ = [
    "AsJson",
    "BrowserOption",
    "DriverOption",
    "RepairsOption",
    "engine_names",
    "one_of",
]

DEFAULT_DATASET = Path("dataset")

Dataset = Annotated[
    Path, typer.Argument(metavar="DATASET", help="The dataset folder.", show_default=True)
]
DatasetOrFolder = Annotated[
    Path, typer.Argument(metavar="DATASET|FOLDER", help="A dataset, or any folder of pictures.")
]
Into = Annotated[Path, typer.Option("--into", metavar="DATASET", help="The dataset folder.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to make.")]
Afresh = Annotated[
    bool, typer.Option("--afresh", help="Forget earlier placements; pictures may change split.")
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace", help="Move a folder with files of your own in it aside, and say where."
    ),
]
MoveTo = Annotated[
    Path | None,
    typer.Option("--move-to", metavar="DIR", help="Plain folder: move what would go to DIR."),
]
Side = Annotated[
    int | None,
    typer.Option(
        "--size",
        metavar="PIXELS",
        min=LEAST_SIDE,
        max=MOST_SIDE,
        help="Squares: centre crop, then resize.",
    ),
]
MaxSide = Annotated[
    int | None,
    typer.Option(
        "--max-side",
        metavar="PIXELS",
        min=LEAST_SIDE,
        max=MOST_SIDE,
        help="Cap of the longer side; default: 1024.",
    ),
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, max=1_000, help="Fetches at a time (scale: each task).")
]
AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="Also fetch from this network's own hosts.")
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        help="Another number, other pauses and scrolls; the split's stands in the recipe.",
    ),
]
PerClass = Annotated[
    int | None,
    typer.Option("--per-class", min=1, max=MOST, help="Pictures wanted in each class."),
]
Expand = Annotated[
    bool,
    typer.Option("--expand", help="Add queries (dates, words, translations) until enough is in."),
]
Engines = Annotated[
    list[str] | None,
    typer.Option(
        "--engine", **one_of("{engines}", engine_names), help="Ask only these; default: {defaults}."
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        **one_of("preview|original"),
        help="What the page itself shows (default), or the full picture, else its preview.",
    ),
]
Replica = Annotated[
    str | None,
    typer.Option("--replica", metavar="URL", help="Ask a local replica (`pixset replica serve`)."),
]
Pace = Annotated[
    str | None,
    typer.Option(
        "--pace",
        **one_of("human|brisk|none"),
        help="How fast pages are scrolled; none only with --replica, and its default.",
    ),
]
Unattended = Annotated[
    bool,
    typer.Option("--unattended", help="Give an engine up at a captcha instead of waiting."),
]
Again = Annotated[bool, typer.Option("--again", help="Repeat searches that are finished, too.")]
Headless = Annotated[
    bool | None,
    typer.Option(
        "--headless/--headed", " /--window", help="No window, or a window, for every engine."
    ),
]
Profile = Annotated[
    Path | None,
    typer.Option("--profile", metavar="DIR", help="Keep cookies here between runs."),
]

Proxy = Annotated[
    str | None,
    typer.Option(
        "--proxy",
        metavar="URL",
        help=r"http://\[user:password@]host:port, for browsers and fetching; default: "
        "HTTP_PROXY, HTTPS_PROXY, NO_PROXY.",
    ),
]


Contact = Annotated[
    str | None,
    typer.Option(
        "--contact", metavar="ADDRESS", help="An e-mail or web address, told to APIs and hosts."
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Only say what would be asked of whom, and the minutes expected."
    ),
]
Believe = Annotated[
    list[str] | None,
    typer.Option(
        "--believe", metavar="TERM", help="Take this term's results even if they look like decoys."
    ),
]
ExcludeHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-host", metavar="SITE", help="Take nothing from this site; kept in the recipe."
    ),
]


def format_names() -> Iterable[str]:
    """The formats that can be exported."""
    from ..exporters import EXPORTERS  # 40 ms that only `export --help` pays

    return EXPORTERS


Model = Annotated[
    Path | None,
    typer.Option("--model", metavar="FILE.onnx", help="See by this image model (extra: noise)."),
]
Preparation = Annotated[
    str | None,
    typer.Option(
        "--preparation",
        metavar="imagenet|-1..1|0..1|0..255|MEAN/STD[@SIDE]",
        help="With --model: how it wants its pictures; default: as its file says.",
    ),
]


class DatasetCommand(RegistryCommand):
    """A command whose help names engines (`{engines}`) or export formats (`{formats}`)."""

    registries: ClassVar[Mapping[str, Callable[[], Iterable[str]]]] = {
        **RegistryCommand.registries,
        "formats": format_names,
    }


def refuse_other_file(path: Path, ending: str) -> None:
    """Raise UsageError where a folder, or a file of another kind, stands that would be replaced."""
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file in it, such as page{ending}")
    if path.is_file() and path.suffix.lower() != ending:
        raise UsageError(f"{path}: is there already and is no {ending}: name another file")


def dataset_or_folder(place: Path) -> Project | None:
    """The dataset at `place`, or None for a plain folder; raises UsageError for neither."""
    from ..project import Project, is_dataset

    if is_dataset(place):
        return Project.open(place)
    refuse_no_folder(place, "pictures")
    return None


def refuse_no_folder(place: Path, of: str) -> None:
    """Raise UsageError, with what is there instead, unless `place` is a folder."""
    if place.is_dir():
        return
    what = "there is nothing of that name"
    if place.exists():
        what = "it is a file"
    elif near := _near_folder(place):
        what += f"; did you mean {str(near)!r}?"
    raise UsageError(
        f"{place}: neither a dataset nor a folder of {of} ({what}); "
        "`pixset scrape --term pizza` makes a dataset"
    )


def _near_folder(place: Path) -> Path | None:
    """The folder beside `place` whose name is most like its own; None: none is."""
    import difflib

    try:
        names = [one.name for one in place.parent.iterdir() if one.is_dir()]
    except OSError:
        return None
    near = difflib.get_close_matches(place.name, names, n=1)
    return place.with_name(near[0]) if near else None


FolderLabels = Annotated[
    list[str] | None,
    typer.Option(
        "--label", metavar="FOLDER=LABEL", help="The label of a class folder; repeatable."
    ),
]


def folder_labels(pairs: Iterable[str] | None) -> dict[str, str]:
    """Folder → label; raises UsageError for a pair that is none."""
    labels: dict[str, str] = {}
    for pair in pairs or ():
        name, _, label = pair.rpartition("=")  # a folder's name may have one, a label has none
        if not name or not label:
            raise UsageError(f"--label {pair!r}: expected FOLDER=LABEL, as in Cats=cat")
        if labels.get(name, label) != label:
            raise UsageError(f"--label {pair!r}: {name!r} is to be {labels[name]!r} already")
        labels[name] = label
    return labels


All = Annotated[bool, typer.Option("--all", help="Lists in full, however long.")]


def refuse(option: object, why: str) -> None:
    """Raise UsageError with `why` where an option is given."""
    if option:
        raise UsageError(why)
