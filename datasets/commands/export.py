"""`pixset export`: a finished dataset in the form that another package reads."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ...curation.printable import counted
from ..errors import UsageError
from . import options
from .console import bars, show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..exporters import Exported

app = typer.Typer()


@app.command(
    cls=options.DatasetCommand,
    epilog="Example:  pixset export dataset --format webdataset --out pizza-shards",
)
def export(  # noqa: PLR0913 - a command's options are its arguments
    dataset: options.Dataset = options.DEFAULT_DATASET,
    *,
    form: Annotated[
        str,
        typer.Option(
            "--format", **options.one_of("FORMAT", options.format_names), help="One of: {formats}."
        ),
    ],
    out: options.Out,
    link: Annotated[
        str | None,
        typer.Option(
            "--link", **options.one_of("hard|sym"), help="Link loose pictures, not copy them."
        ),
    ] = None,
    val_name: Annotated[
        str | None,
        typer.Option("--val-name", help="Name of the val folder, as in valid (fastai)."),
    ] = None,
    flat: Annotated[
        bool | None,
        typer.Option("--flat", help="Class folders without splits (folders, croissant)."),
    ] = None,
    shard_size: Annotated[
        int | None, typer.Option("--shard-size", help="Pictures a shard; 1000 if not given.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Another number, another order in the shards.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="The set's home page, for croissant.")
    ] = None,
    published: Annotated[
        str | None,
        typer.Option("--published", metavar="YYYY-MM-DD", help="For croissant; else newest fetch."),
    ] = None,
    replace: options.Replace = False,
    as_json: options.AsJson = False,
) -> None:
    """Write a finished dataset in another format: a fresh folder, whole or not there."""
    from .. import exporters

    given = exporters.ExportOptions(
        link=link,
        val_name=val_name,
        flat=flat,
        shard_size=shard_size,
        seed=seed,
        url=url,
        published=_day(published),
    )
    done = exporters.export(dataset, form, out, given, bars, replace=replace)
    if as_json:
        show_json(_json(done))
    else:
        show(_lines(done))


def _day(published: str | None) -> str | None:
    try:
        return published and date.fromisoformat(published).isoformat()
    except ValueError:
        raise UsageError(f"--published {published!r}: expected a day, as in 2026-11-27") from None


def _lines(done: Exported) -> Iterator[str]:
    held = f"{counted(done.files, 'file')}, {done.bytes / 1_000_000:.1f} MB"
    yield f"{counted(done.pictures, 'picture')} as {done.format}: {done.out} ({held})"
    if done.by_products:
        yield f"gone with the export before: {', '.join(done.by_products)}"
    if done.aside:
        yield f"the folder before, whole: {done.aside}"


def _json(done: Exported) -> dict[str, object]:
    return {
        "format": done.format,
        "out": str(done.out),
        "pictures": done.pictures,
        "files": done.files,
        "bytes": done.bytes,
        "by_products_removed": list(done.by_products),
        "moved_aside": str(done.aside) if done.aside else None,
    }
