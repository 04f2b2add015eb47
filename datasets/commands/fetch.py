"""`pixset fetch`: a set rebuilt from its manifest's addresses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...curation.printable import counted
from ..errors import LabelMissing
from . import options
from .console import Table, bars, show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rebuild.fetch import Rebuilt
    from ..rebuild.restore import Restored

app = typer.Typer()
_FATES = ("same", "changed", "failed", "inline", "no-address")


@app.command(epilog="Example:  pixset fetch manifest.jsonl --into pizza")
def fetch(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST", help="A manifest.jsonl of pixset's.")
    ],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="Where the set goes.")],
    retry: Annotated[
        bool, typer.Option("--retry", help="Ask again for what failed in an earlier run.")
    ] = False,
    workers: options.Workers = 16,
    allow_private: options.AllowPrivate = False,
    replace: options.Replace = False,
    as_json: options.AsJson = False,
) -> None:
    """Rebuild a set from its manifest's addresses, compare hashes and report link rot.

    Exit code 6 where a label gets no picture at all.
    """
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
    if gone := rebuilt.missing():
        raise LabelMissing(_missing(rebuilt, gone, into, allow_private=allow_private))


def _missing(rebuilt: Rebuilt, gone: list[str], into: Path, *, allow_private: bool) -> str:
    what = "nothing came" if len(gone) == len(rebuilt.fates) else f"none of {', '.join(gone)}"
    private = rebuilt.lost["private-address"]
    if private and not allow_private:
        on_own = counted(private, "of the addresses is", "of the addresses are")
        return (
            f"MISSING: {what}: {on_own} on this machine's own network, which "
            "is not asked; --allow-private --retry asks it"
        )
    return f"MISSING: {what}; {into}/fates.jsonl says why, --retry asks what failed again"


def _blocks(rebuilt: Rebuilt, restored: Restored | None, into: Path) -> Iterator[str | Table]:
    rows = [
        (label, counts.total(), *(counts[fate] for fate in _FATES))
        for label, counts in sorted(rebuilt.fates.items())
    ]
    yield Table(("label", "asked", *_FATES), rows)
    if rebuilt.lost:
        reasons = ", ".join(f"{why} {count}" for why, count in rebuilt.lost.most_common())
        yield f"lost: {reasons}"
    if inline := rebuilt.lost["inline"]:
        yield (
            f"{counted(inline, 'preview')} stood in the result pages themselves, no address: "
            "no rebuild brings them back (--source original takes originals from the start)"
        )
    if restored is None:
        yield f"nothing came, so there is no tree; every fate is in {into}/fates.jsonl"
        return
    pictures = counted(restored.exact + restored.again, "picture")
    yield (
        f"{pictures} in {into / 'ready'}: {restored.exact} with the manifest's bytes, "
        f"{restored.again} encoded anew"
    )
    for label, side in restored.empty:
        yield f"no picture left: {label} in {side}"


def _json(rebuilt: Rebuilt, restored: Restored | None) -> dict[str, object]:
    return {
        "labels": {label: dict(counts) for label, counts in rebuilt.fates.items()},
        "lost": dict(rebuilt.lost),
        "exact": restored.exact if restored else 0,
        "encoded_anew": restored.again if restored else 0,
        "empty": [list(pair) for pair in restored.empty] if restored else [],
    }
