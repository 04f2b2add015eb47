"""`pixset export` and `pixset fetch`: a set to other packages, and from a manifest back."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003  # typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from .bars import bars
from .options import DEFAULT_DATASET, AsJson, Dataset, Out, Seed

if TYPE_CHECKING:
    from ..exporters import Exported
    from ..rebuild.fetch import Rebuilt
    from ..rebuild.restore import Restored

app = typer.Typer()

FORMATS = "folders, webdataset, parquet, csv, jsonl, croissant, tfrecord, urls"


@app.command(epilog="Example:  pixset export dataset --format webdataset --out pizza-shards")
def export(  # noqa: PLR0913  # a command's options are its arguments
    dataset: Dataset = DEFAULT_DATASET,
    *,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help=f"One of: {FORMATS}.")],
    out: Out,
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
    seed: Seed = 0,
    url: Annotated[
        str | None, typer.Option("--url", help="The set's home page, for croissant.")
    ] = None,
    published: Annotated[
        str | None,
        typer.Option("--published", metavar="YYYY-MM-DD", help="For croissant; else newest fetch."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a finished dataset in another format: a fresh folder, whole or not there."""
    from .. import exporters

    settings = exporters.Settings(
        link=link,
        val_name=val_name,
        flat=flat,
        shard_size=shard_size,
        seed=seed,
        url=url,
        published=published,
    )
    done = exporters.export(dataset, form, out, settings, bars)
    print(_exported_json(done) if as_json else _exported_line(done))


@app.command(epilog="Example:  pixset fetch manifest.jsonl --into pizza")
def fetch(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST", help="A manifest.jsonl of pixset's.")
    ],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="Where the set goes.")],
    retry: Annotated[
        bool, typer.Option("--retry", help="Ask again for what failed in an earlier run.")
    ] = False,
    workers: Annotated[int, typer.Option("--workers", help="Fetches at a time.")] = 16,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also fetch from this network's own hosts.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild a set from its manifest's addresses, compare hashes and report link rot."""
    from ...scraper.fetch import FetchLimits
    from ..rebuild.fetch import rebuild
    from ..rebuild.restore import restore

    limits = FetchLimits(workers=workers, allow_private=allow_private)
    rebuilt = rebuild(manifest, into, limits=limits, retry=retry, progress=bars)
    restored = restore(rebuilt, manifest, into, bars)
    if as_json:
        print(_rebuilt_json(rebuilt, restored))
    else:
        print("\n".join(_rebuilt_lines(rebuilt, restored, into)))


def _exported_line(done: Exported) -> str:
    size = done.bytes / 1_000_000
    return (
        f"{done.pictures} pictures as {done.format}: {done.out} ({done.files} files, {size:.1f} MB)"
    )


def _exported_json(done: Exported) -> str:
    return json.dumps(
        {
            "format": done.format,
            "out": str(done.out),
            "pictures": done.pictures,
            "files": done.files,
            "bytes": done.bytes,
        }
    )


_FATES = ("same", "changed", "failed", "no-address")


def _rebuilt_lines(rebuilt: Rebuilt, restored: Restored | None, into: Path) -> list[str]:
    table = rebuilt.counts()
    wide = max((len(label) for label in table), default=5)
    lines = [f"{'label':{wide}}  {'asked':>6}" + "".join(f"  {fate:>10}" for fate in _FATES)]
    for label, counts in sorted(table.items()):
        cells = "".join(f"  {counts[fate]:>10}" for fate in _FATES)
        lines.append(f"{label:{wide}}  {counts.total():>6}{cells}")
    if rebuilt.reasons():
        reasons = ", ".join(f"{why} {count}" for why, count in rebuilt.reasons().most_common())
        lines.append(f"lost: {reasons}")
    if restored is None:
        return [*lines, f"nothing came, so there is no tree; every fate is in {into}/fates.jsonl"]
    lines.append(
        f"{restored.exact + restored.again} pictures in {into / 'ready'}: {restored.exact} with "
        f"the manifest's bytes, {restored.again} encoded anew"
    )
    lines += [f"no picture left: {label} in {side}" for label, side in restored.empty]
    return lines


def _rebuilt_json(rebuilt: Rebuilt, restored: Restored | None) -> str:
    return json.dumps(
        {
            "labels": {label: dict(counts) for label, counts in rebuilt.counts().items()},
            "lost": dict(rebuilt.reasons()),
            "exact": restored.exact if restored else 0,
            "encoded_anew": restored.again if restored else 0,
            "empty": [list(pair) for pair in restored.empty] if restored else [],
        }
    )
