"""`pixset export`: a finished dataset in the form that another package reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .console import bars, show, show_json

if TYPE_CHECKING:
    from ..exporters import Exported

app = typer.Typer()


@app.command(
    cls=options.RegistryCommand,
    epilog="Example:  pixset export dataset --format webdataset --out pizza-shards",
)
def export(  # noqa: PLR0913 - a command's options are its arguments
    dataset: options.Dataset = options.DEFAULT_DATASET,
    *,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="One of: {formats}.")],
    out: options.Out,
    link: Annotated[
        str, typer.Option("--link", help="copy, hard or sym (formats of loose pictures).")
    ] = "copy",
    val_name: Annotated[
        str | None,
        typer.Option("--val-name", help="Name of the val folder: val or valid (fastai)."),
    ] = None,
    flat: Annotated[
        bool, typer.Option("--flat", help="Class folders without sides (folders, croissant).")
    ] = False,
    shard_size: Annotated[int, typer.Option("--shard-size", help="Pictures a shard.")] = 1_000,
    seed: options.Seed = None,
    url: Annotated[
        str | None, typer.Option("--url", help="The set's home page, for croissant.")
    ] = None,
    published: Annotated[
        str | None,
        typer.Option("--published", metavar="YYYY-MM-DD", help="For croissant; else newest fetch."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Write a finished dataset in another format: a fresh folder, whole or not there."""
    from .. import exporters

    settings = exporters.Settings(
        link=link,
        val_name=val_name,
        flat=flat,
        shard_size=shard_size,
        seed=seed or 0,
        url=url,
        published=published,
    )
    done = exporters.export(dataset, form, out, settings, bars)
    if as_json:
        show_json(_json(done))
    else:
        show([_line(done)])


def _line(done: Exported) -> str:
    size = done.bytes / 1_000_000
    return (
        f"{done.pictures} pictures as {done.format}: {done.out} ({done.files} files, {size:.1f} MB)"
    )


def _json(done: Exported) -> dict[str, object]:
    return {
        "format": done.format,
        "out": str(done.out),
        "pictures": done.pictures,
        "files": done.files,
        "bytes": done.bytes,
    }
