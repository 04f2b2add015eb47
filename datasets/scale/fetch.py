"""The fetch stage: lanes of hosts → tar parts of pictures' bytes, and every row's fate.

What is asked, how, and what an answer means is `pixset fetch`'s. Rows whose first address gave
nothing go on to the next turn, which asks their second one, again sharded by host.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter, deque
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ...scraper.errors import FetchFailed
from ...scraper.fetch import FetchLimits, Job, fetch_all
from ..exporters.tar import TarWriter
from ..rebuild.fates import ORDER, AddressFate, fate_of_answer, fate_without
from ..rebuild.fetch import referer_of
from .parts import Done, Part, PartWriter, digest_of
from .plan import LaneWriter, PlannedRow, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...scraper.fetch import Fetched
    from .store import Store

_HEADER = 512  # bytes of a tar member's header
_ANSWERED = ("final_url", "content_type", "x_robots_tag", "etag", "last_modified")


@dataclass(frozen=True, slots=True)
class FetchTask:
    """Some lanes, each a sequence of (part, the plan's part), that one task works at."""

    store: Store
    limits: FetchLimits
    turn: int
    lanes: tuple[tuple[tuple[Part, str], ...], ...]


@dataclass(slots=True)
class FetchedRow:
    """A row and what became of it; `at` and `bytes` say where its picture lies in the tar."""

    row: PlannedRow
    fate: AddressFate
    at: int = 0
    bytes: int = 0
    extension: str = ""
    answer: dict[str, Any] = field(default_factory=dict)


def fetch_parts(
    turn: int, lanes: Sequence[Sequence[tuple[str, str]]], limits: FetchLimits
) -> list[list[tuple[Part, str]]]:
    """The fetch parts of a turn's plan, by lane: as many, each of one plan's part."""
    rules = (limits.max_bytes, limits.allow_private, limits.honour_robots_tag)
    return [
        [
            (
                Part(name.replace("plan/", "fetch/"), digest_of("fetch 1", turn, *rules, digest)),
                name,
            )
            for name, digest in lane
        ]
        for lane in lanes
    ]


def fetch_lanes(task: FetchTask, advance: Callable[[int], None] | None = None) -> list[Done]:
    """Fetch the parts of some lanes; each is written as soon as its last answer is there.

    `advance` is called for each.
    """
    work = _Lanes(task, advance)
    with closing(fetch_all(work.jobs(), task.limits)) as results:
        for job, result in results:
            assert isinstance(job.token, tuple)  # noqa: S101  # `jobs` made it
            part, place = job.token
            part.settle(place, job.url, result)
            work.finish(part)
    return work.done


class _Lanes:
    """Lanes in turn, so that no host's slowness holds up the others; one part open in each."""

    def __init__(self, task: FetchTask, advance: Callable[[int], None] | None) -> None:
        self._task = task
        self._advance = advance
        self.done: list[Done] = []

    def jobs(self) -> Iterator[Job]:
        lanes = deque(map(self._lane, self._task.lanes))
        while lanes:
            lane = lanes.popleft()
            job = next(lane, None)
            if job is not None:
                yield job
                lanes.append(lane)

    def _lane(self, parts: Sequence[tuple[Part, str]]) -> Iterator[Job]:
        for part, planned in parts:
            opened = _OpenPart(part, read_rows(self._task.store, planned), self._task.turn)
            yield from opened.jobs()
            self.finish(opened)  # of what has no job

    def finish(self, part: _OpenPart) -> None:
        """Write a part to which nothing more will come."""
        if part.asked and not part.left and not part.written:
            self.done.append(part.write(self._task.store))
            if self._advance is not None:
                self._advance(1)


class _OpenPart:
    """Rows whose answers are under way; the bytes wait on this machine's disk."""

    def __init__(self, part: Part, rows: list[PlannedRow], turn: int) -> None:
        self._part = part
        self._rows = rows
        self._turn = turn
        self._spool: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - `write` closes it
        self._found: dict[int, FetchedRow] = {}
        self.left = 0
        self.asked = False
        self.written = False

    def jobs(self) -> Iterator[Job]:
        for place, row in enumerate(self._rows):
            if self._turn < len(row.urls):
                self.left += 1
                url = row.urls[self._turn]
                yield Job(url, referer=referer_of(row.requested()), token=(self, place))
            else:
                fate = AddressFate(row.id, None, fate_without(row.requested()))
                self._found[place] = FetchedRow(row, fate)
        self.asked = True

    def settle(self, place: int, url: str, result: Fetched | FetchFailed) -> None:
        self.left -= 1
        row = self._rows[place]
        fate = fate_of_answer(row.requested(), url, result)
        if fate is None:
            raise RuntimeError("a fetch was stopped by nobody")
        found = FetchedRow(row, fate)
        if not isinstance(result, FetchFailed):
            found.answer = {name: getattr(result, name) for name in _ANSWERED}
            if fate.fate == "same":
                self._spool.seek(0, 2)
                found.at, found.bytes = self._spool.tell(), len(result.data)
                found.extension = result.extension
                self._spool.write(result.data)
        self._found[place] = found

    def write(self, store: Store) -> Done:
        writer = PartWriter(store, self._part)
        rows = [self._found[place] for place in range(len(self._rows))]
        with tempfile.TemporaryDirectory(prefix="pixset-scale-") as folder, self._spool:
            path = Path(folder) / "part.tar"
            self._write_tar(path, rows)
            writer.put(".tar", path)
        writer.write(".fates.jsonl", b"".join(map(_line, rows)))
        again = [_again(one, self._turn) for one in rows]
        writer.write(".again.jsonl", b"".join(row.line() for row in again if row is not None))
        self.written = True
        return writer.finish(_counts(rows, sum(row is not None for row in again)))

    def _write_tar(self, path: Path, rows: list[FetchedRow]) -> None:
        with path.open("wb") as file, TarWriter(file) as tar:
            for one in rows:
                if one.extension:
                    self._spool.seek(one.at)
                    data = self._spool.read(one.bytes)
                    one.at = tar.offset + _HEADER
                    tar.add(f"{one.row.row:012}.{one.extension}", data)


def _line(one: FetchedRow) -> bytes:
    fate = {name: getattr(one.fate, name) for name in ("url", "fate", "reason", "status", "sha256")}
    place = {"at": one.at, "bytes": one.bytes, "extension": one.extension}
    record = {**asdict(one.row), **fate, **place, "answer": one.answer, "digest": one.row.sha256}
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _again(one: FetchedRow, turn: int) -> PlannedRow | None:
    """The row for the next turn, where its address gave nothing and it has another."""
    if one.fate.fate == "same" or turn + 1 >= len(one.row.urls):
        return None
    return replace(one.row, earlier=_best(one))


def _best(one: FetchedRow) -> tuple[str, str | None]:
    """The fate that counts for a row so far, as `pixset fetch` counts: the best, then the first."""
    now, before = (one.fate.fate, one.fate.reason), one.row.earlier
    if before is None or now[0] not in ORDER:
        return now
    return before if ORDER.index(before[0]) <= ORDER.index(now[0]) else now


def _counts(rows: Sequence[FetchedRow], again: int) -> dict[str, Any]:
    """Fates by label and losses by reason; of rows of an earlier turn what changed."""
    fates: dict[str, Counter[str]] = {}
    lost: Counter[str] = Counter()
    for one in rows:
        for number, best in ((-1, one.row.earlier), (1, _best(one))):
            if best is not None:
                fates.setdefault(one.row.label, Counter())[best[0]] += number
                if best[0] != "same":
                    lost[best[1] or best[0]] += number
    asked = sum(one.fate.url is not None for one in rows)
    size = sum(one.bytes for one in rows)
    return {"fates": fates, "lost": lost, "again": again, "items": asked, "bytes": size}


def plan_turn(store: Store, turn: int, before: Sequence[Done]) -> list[list[tuple[str, str]]]:
    """Plan the next turn from what the turn before left: each row by its next address's host."""
    writer = LaneWriter(store, turn)
    for done in sorted(before, key=lambda one: one.name):
        if done.counts.get("again"):
            for row in read_rows(store, f"{done.name}.again"):
                writer.add(row)
    return writer.close()


def read_fates(store: Store, part: str) -> list[dict[str, Any]]:
    """What became of the rows of a fetch part."""
    return [json.loads(line) for line in store.read(f"{part}.fates.jsonl").splitlines()]
