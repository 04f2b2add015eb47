"""Rebuild a set from its manifest: fetch every address, compare hashes, say what the web lost.

Into the folder go `fates.jsonl` (one line an address asked, written as it comes),
`images/<label>/<id>.<ext>` (the sources whose SHA-256 is the manifest's) and, made from those,
`ready/` with the splits and labels of the manifest. Run again, it asks only what has no fate.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from ...scraper.fetch import FetchLimits, Job, fetch_all
from ..catalogue.lock import WriterLock
from ..errors import UsageError
from ..files import make_folder
from ..folder_swap import refuse_foreign
from ..project import is_dataset
from ..tree.manifest_row import EXPORT_RECORD
from .fates import FATES, AddressFate, FateLog
from .manifest import RequestedPicture, RequestedSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..collect.downloads import FetchAll


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a rebuild ended.

    `fates` are label → fate → rows, `lost` why rows have no picture, `sides` the pairs of (label,
    split) that were asked for. `rows` reads the fate that counts for each row.
    """

    fates: Mapping[str, Counter[str]]
    lost: Counter[str]
    sides: frozenset[tuple[str, str]]
    _wanted: RequestedSet = field(repr=False, compare=False)
    _log: FateLog = field(repr=False, compare=False)

    @property
    def rows(self) -> Iterator[tuple[RequestedPicture, AddressFate]]:
        """Each row with its fate, in the manifest's order, read as it is asked for."""
        with closing(self._log):
            for wanted in self._wanted:
                yield wanted, self._log.fate_of(wanted)

    def missing(self) -> list[str]:
        """The labels of which nothing came."""
        return [label for label, fates in sorted(self.fates.items()) if not fates["same"]]


def rebuild(
    manifest: Path,
    into: Path,
    *,
    limits: FetchLimits | None = None,
    retry: bool = False,
    replace: bool = False,
    progress: Progress = silent,
    fetcher: FetchAll = fetch_all,
) -> Rebuilt:
    """Fetch what `manifest` lists into the folder `into`; `retry` asks again what failed before.

    A row's addresses are asked in turn until one gives its bytes. Raises UsageError for a
    damaged manifest, where `into` is a dataset or another process fetches into it, and where
    `into/ready` holds what pixset did not write (unless `replace` lets `restore` move it aside); an
    address that fails is a fate, never an error.
    """
    if is_dataset(into):
        raise UsageError(f"{into}: is a dataset; name another folder with --into")
    if not replace:
        refuse_foreign(into / "ready", EXPORT_RECORD)
    wanted = RequestedSet(manifest)
    make_folder(into)
    with ExitStack() as held:
        held.callback(WriterLock.take(into / FATES).release)
        log = held.enter_context(closing(FateLog(into, wanted.keys, retry=retry)))
        _ask_all(wanted, log, limits, progress, fetcher)
    fates: dict[str, Counter[str]] = {}
    lost: Counter[str] = Counter()
    with closing(log):
        for row in wanted.rows():
            fate, reason = log.outcome(row)
            fates.setdefault(row.label, Counter())[fate] += 1
            if fate != "same":
                lost[reason or fate] += 1
    return Rebuilt(fates, lost, frozenset(wanted.sides), wanted, log)


def _ask_all(
    wanted: RequestedSet,
    log: FateLog,
    limits: FetchLimits | None,
    progress: Progress,
    fetcher: FetchAll,
) -> None:
    for turn in range(wanted.most):
        number = log.number(wanted, turn)
        if not number:
            continue
        with (
            progress("fetch", number) as advance,
            closing(fetcher(_jobs(wanted, log, turn), limits)) as results,
        ):
            for job, result in results:
                assert isinstance(job.token, tuple)  # noqa: S101  # `_jobs` made it
                one, key = job.token
                log.settle(one, job.url, key, result)
                advance(1)


def _jobs(wanted: RequestedSet, log: FateLog, turn: int) -> Iterator[Job]:
    """What is to be asked in this turn: the rows' first addresses, then their second ones."""
    for one in wanted:
        if turn < len(one.urls):
            keys = one.keys
            if log.must_ask(keys, keys[turn]):
                yield Job(one.urls[turn], referer=referer_of(one), token=(one, keys[turn]))


def referer_of(wanted: RequestedPicture) -> str | None:
    """The page that a row was found on, where it is a web page."""
    page = wanted.row.get("page_url")
    return page if isinstance(page, str) and page.startswith(("http://", "https://")) else None
