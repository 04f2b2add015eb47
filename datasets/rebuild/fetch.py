"""Rebuild a set from its manifest: fetch every address, compare hashes, say what the web lost.

Into the folder go `fates.jsonl` (one line an address asked, written as it comes),
`images/<label>/<id>.<ext>` (the sources whose SHA-256 is the manifest's) and, made from those,
`ready/` with the splits and labels of the manifest. Run again, it asks only what has no fate.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from ...curation.progress import Progress, silent
from ...scraper.errors import FetchFailed
from ...scraper.fetch import FetchLimits, Job, fetch_all
from ..errors import UsageError
from ..exporters import RECORD
from ..exporters.urls import addresses, stood_in_page
from ..files import make_folder, write_file
from ..folder_swap import refuse_foreign
from ..names import fault
from ..split import SPLITS
from ..tree.tables import read_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ...scraper.fetch import Fetched

    FetchAll = Callable[
        [Iterable[Job], FetchLimits | None], Iterator[tuple[Job, Fetched | FetchFailed]]
    ]

_log = logging.getLogger(__name__)
_FATES = "fates.jsonl"


@dataclass(frozen=True, slots=True)
class AddressFate:
    """What an address gave for one row.

    `fate` is `same` (the manifest's bytes; `file` is where they lie, relative), `changed`
    (other bytes; `sha256` says which), `failed` (`reason` is the scraper's word, such as
    `http-404`), `inline` (the bytes stood in the result page itself and have no address; `url` is
    None, the original's address would give another picture) or `no-address` (the row names none).
    """

    id: str
    url: str | None
    fate: str
    reason: str | None = None
    status: int | None = None
    sha256: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class RequestedPicture:
    """A row of the manifest that was checked: its names may safely be used for files."""

    id: str
    label: str
    split: str
    sha256: str
    urls: tuple[str, ...]
    row: Mapping[str, Any]
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a rebuild ended: the fate that counts for each row, in the manifest's order."""

    rows: tuple[tuple[RequestedPicture, AddressFate], ...]

    def missing(self) -> list[str]:
        """The labels of which nothing came."""
        return [label for label, counts in sorted(self.counts().items()) if not counts["same"]]

    def counts(self) -> dict[str, Counter[str]]:
        """Label → fate → rows."""
        table: dict[str, Counter[str]] = {}
        for wanted, fate in self.rows:
            table.setdefault(wanted.label, Counter())[fate.fate] += 1
        return table

    def reasons(self) -> Counter[str]:
        """Why rows have no picture, by reason."""
        lost = (fate for _, fate in self.rows if fate.fate != "same")
        return Counter(fate.reason or fate.fate for fate in lost)


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
    damaged manifest, and where `into/ready` holds what pixset did not write (unless `replace`
    lets `restore` move it aside); an address that fails is a fate, never an error.
    """
    if not replace:
        refuse_foreign(into / "ready", RECORD)
    wanted = [_requested(manifest, row) for row in read_jsonl(manifest)]
    if not wanted:
        raise UsageError(f"{manifest}: lists no picture; expected a manifest.jsonl of pixset's")
    make_folder(into)
    with closing(_FateLog(into, retry=retry)) as log:
        _ask_all(wanted, log, limits, progress, fetcher)
        return Rebuilt(tuple((w, log.fate_of(w)) for w in wanted))


def _ask_all(
    wanted: Sequence[RequestedPicture],
    log: _FateLog,
    limits: FetchLimits | None,
    progress: Progress,
    fetcher: FetchAll,
) -> None:
    for turn in range(max((len(w.urls) for w in wanted), default=0)):
        asked = [w for w in wanted if turn < len(w.urls) and log.must_ask(w, w.urls[turn])]
        if not asked:
            continue
        jobs = (Job(w.urls[turn], referer=_referer(w), token=w) for w in asked)
        with (
            progress("fetch", len(asked)) as advance,
            closing(_closable(fetcher(jobs, limits))) as results,
        ):
            for job, result in results:
                log.settle(job, result)
                advance(1)


class _FateLog:
    """The fates of one folder, on disk and in memory."""

    def __init__(self, into: Path, *, retry: bool) -> None:
        self._into = into
        self._path = into / _FATES
        self._fates = {(f.id, f.url): f for f in _read_fates(self._path)}
        self._retry = retry
        self._file: TextIO | None = None

    def must_ask(self, wanted: RequestedPicture, url: str) -> bool:
        """Whether this address is still to be asked for this row."""
        if self._found(wanted):
            return False
        known = self._fates.get((wanted.id, url))
        return known is None or self._retry or known.fate == "same"  # its file is gone

    def settle(self, job: Job, result: Fetched | FetchFailed) -> None:
        """Record what an address gave; the picture is in place before its line is."""
        wanted = job.token
        assert isinstance(wanted, RequestedPicture)  # noqa: S101  # rebuild() made the job
        if isinstance(result, FetchFailed):
            if result.reason == "stopped":
                return  # not asked to the end: no fate
            self._add(AddressFate(wanted.id, job.url, "failed", result.reason, result.status))
            return
        digest = hashlib.sha256(result.data).hexdigest()
        if digest != wanted.sha256:
            self._add(AddressFate(wanted.id, job.url, "changed", None, result.status, digest))
            return
        name = f"images/{wanted.label}/{wanted.id}.{result.extension}"
        write_file(self._into / name, result.data)
        self._add(AddressFate(wanted.id, job.url, "same", None, result.status, digest, name))

    def fate_of(self, wanted: RequestedPicture) -> AddressFate:
        """The fate that counts for a row: the best of its addresses'."""
        known = [self._fates[wanted.id, u] for u in wanted.urls if (wanted.id, u) in self._fates]
        if not known:
            without = "inline" if wanted.inline else "no-address"
            return AddressFate(wanted.id, None, "failed" if wanted.urls else without)
        order = ("same", "changed", "failed")
        return min(known, key=lambda fate: order.index(fate.fate))

    def _found(self, wanted: RequestedPicture) -> bool:
        fate = self.fate_of(wanted)
        return fate.file is not None and (self._into / fate.file).is_file()

    def close(self) -> None:
        """Give the file back; what was settled is in it already."""
        if self._file is not None:
            self._file.close()

    def _add(self, fate: AddressFate) -> None:
        self._fates[fate.id, fate.url] = fate
        if self._file is None:
            self._file = self._path.open("a", encoding="utf-8", newline="\n", buffering=1)
        line = {name: getattr(fate, name) for name in AddressFate.__slots__}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _requested(manifest: Path, row: dict[str, Any]) -> RequestedPicture:
    digest, label, split = (row.get(key) for key in ("source_sha256", "label", "split"))
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise UsageError(f"{manifest}: source_sha256 {digest!r}: expected 64 hex digits")
    if not isinstance(label, str) or fault(label):
        raise UsageError(f"{manifest}: label {label!r} cannot be a folder: {fault(str(label))}")
    if split not in SPLITS:
        raise UsageError(f"{manifest}: split {split!r}: expected train, val or test")
    inline = stood_in_page(row)
    urls = () if inline else addresses(row)
    return RequestedPicture(digest[:16], label, split, digest, urls, row, inline)


def _referer(wanted: RequestedPicture) -> str | None:
    page = wanted.row.get("page_url")
    return page if isinstance(page, str) and page.startswith(("http://", "https://")) else None


def _read_fates(path: Path) -> Sequence[AddressFate]:
    """The fates on record; a line torn by a kill is cut off, so that the next begins afresh."""
    if not path.is_file():
        return []
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        _log.info("%s: the last line was torn and is asked again", path)
        write_file(path, whole)
    try:
        return [AddressFate(**json.loads(line)) for line in whole.splitlines()]
    except (ValueError, TypeError):
        raise UsageError(f"{path}: not the fates of a rebuild: choose another --into") from None


def _closable(
    results: Iterator[tuple[Job, Fetched | FetchFailed]],
) -> Generator[tuple[Job, Fetched | FetchFailed]]:
    """Closing it closes the fetcher's own generator, which ends its threads."""
    yield from results
