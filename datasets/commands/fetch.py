"""`pixset fetch`: a set rebuilt from its manifest's addresses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .console import Table, bars, show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rebuild.fetch import Rebuilt
    from ..rebuild.restore import Restored

app = typer.Typer()
_FATES = ("same", "changed", "failed", "no-address")


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
    replace: options.Replace = False,
    as_json: options.AsJson = False,
) -> None:
    """Rebuild a set from its manifest's addresses, compare hashes and report link rot."""
    from ...scraper.fetch import FetchLimits
    from ..rebuild.fetch import rebuild
    from ..rebuild.restore import restore

    limits = FetchLimits(workers=workers, allow_private=allow_private)
    rebuilt = rebuild(manifest, into, limits=limits, retry=retry, replace=replace, progress=bars)
    restored = restore(rebuilt, manifest, into, bars, replace=replace)
    if as_json:
        show_json(_json(rebuilt, restored))
    else:
        show(_blocks(rebuilt, restored, into))


def _blocks(rebuilt: Rebuilt, restored: Restored | None, into: Path) -> Iterator[str | Table]:
    rows = [
        (label, counts.total(), *(counts[fate] for fate in _FATES))
        for label, counts in sorted(rebuilt.counts().items())
    ]
    yield Table(("label", "asked", *_FATES), rows)
    if rebuilt.reasons():
        reasons = ", ".join(f"{why} {count}" for why, count in rebuilt.reasons().most_common())
        yield f"lost: {reasons}"
    if restored is None:
        yield f"nothing came, so there is no tree; every fate is in {into}/fates.jsonl"
        return
    yield (
        f"{restored.exact + restored.again} pictures in {into / 'ready'}: {restored.exact} with "
        f"the manifest's bytes, {restored.again} encoded anew"
    )
    for label, side in restored.empty:
        yield f"no picture left: {label} in {side}"


def _json(rebuilt: Rebuilt, restored: Restored | None) -> dict[str, object]:
    return {
        "labels": {label: dict(counts) for label, counts in rebuilt.counts().items()},
        "lost": dict(rebuilt.reasons()),
        "exact": restored.exact if restored else 0,
        "encoded_anew": restored.again if restored else 0,
        "empty": [list(pair) for pair in restored.empty] if restored else [],
    }
