"""`pixset scale`: the same curation over parts of a list, here or on a Ray cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import LabelMissing
from . import options
from .console import bars, show_report, warn

app = typer.Typer()
group = typer.Typer(
    help="Fetch and curate a list of addresses in parts: on this machine, or on a Ray cluster.",
    no_args_is_help=True,
)
app.add_typer(group, name="scale")

Place = Annotated[
    str,
    typer.Option("--store", metavar="URL", help="Where all parts go: a folder, s3://bucket/run …"),
]


@group.command(
    epilog="Examples:  pixset scale run urls.parquet --store run   |   "
    "pixset scale run urls.parquet --store s3://bucket/run --on ray"
)
def run(  # noqa: PLR0913 - a command's options are its arguments
    lists: Annotated[
        list[str],
        typer.Argument(metavar="LIST…", help="Addresses: .parquet, .jsonl, .csv, .tsv or .txt."),
    ],
    store: Place,
    *,
    on: Annotated[
        str, typer.Option("--on", **options.one_of("local|ray"), help="Who does the work.")
    ] = "local",
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="STAGE",
            help="Stop after plan, fetch, look, candidates, judge, families, split or export.",
        ),
    ] = "export",
    label_column: Annotated[
        str,
        typer.Option(
            "--label-column",
            metavar="NAME",
            help="Where a list has no such column, its file's name is the label.",
        ),
    ] = "label",
    form: Annotated[
        str,
        typer.Option("--format", **options.one_of("parquet|webdataset"), help="What is exported."),
    ] = "parquet",
    shard_size: Annotated[
        int, typer.Option("--shard-size", min=1, help="Pictures a shard.")
    ] = 1_000,
    name: Annotated[str, typer.Option("--name", help="The exported set's name.")] = "dataset",
    ratio: Annotated[
        str, typer.Option("--ratio", metavar="80/20", help="train/val or train/val/test.")
    ] = "80/20",
    seed: Annotated[int, typer.Option("--seed", help="Another number, another split.")] = 0,
    size: options.Side = None,
    max_side: options.MaxSide = None,
    workers: options.Workers = 16,
    allow_private: options.AllowPrivate = False,
    as_json: options.AsJson = False,
) -> None:
    """Fetch, look, find copies, split and export; run again, it does what is missing.

    Exit code 6 where a label gets no picture at all, or nothing is kept.
    """  # fmt: skip
    from ...scraper.fetch import FetchLimits
    from ..exporters.shards import ShardSettings
    from ..scale.run import ScaleSettings
    from ..scale.run import run as run_stages
    from ..scale.runner import open_runner
    from ..scale.status import status_of
    from ..scale.store import Store
    from ..split import Ratios
    from ..tree.target import Target

    settings = ScaleSettings(
        label_column=label_column,
        limits=FetchLimits(workers=workers, allow_private=allow_private),
        ratios=Ratios.parse(ratio),
        seed=seed,
        target=Target(max_side=max_side or Target().max_side, size=size),
        form=form,
        shards=ShardSettings(shard_size),
        name=name,
    )
    settings.check()
    place = Store(store)
    runner = open_runner(on)
    nothing: LabelMissing | None = None
    try:
        if on != "local":
            warn(runner.where)
        run_stages(lists, place, settings, runner, until=until, progress=bars)
    except LabelMissing as error:
        nothing = error
    finally:
        runner.close()
    status = status_of(place)
    show_report(status, as_json=as_json)
    if nothing is not None:
        raise nothing
    if gone := status.missing():
        raise LabelMissing(f"MISSING: none of {', '.join(gone)}; the table above says why")


@group.command(epilog="Example:  pixset scale status --store s3://bucket/run")
def status(store: Place, *, as_json: options.AsJson = False) -> None:
    """How far each stage of a run is, what became of every row, and how fast it went."""
    from ..scale.status import status_of
    from ..scale.store import Store

    show_report(status_of(Store(store)), as_json=as_json)
