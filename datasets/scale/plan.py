"""The plan: which rows each fetch part asks, sharded by host into lanes.

A lane is the part of all hosts whose names fall into it, and one task at a time works at a lane:
so a host's limit, its Retry-After and its opt-outs hold on a cluster as on one machine.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from ...scraper.fetch import asked_host
from ..errors import UsageError
from ..names import plain_name, slug_of
from ..rebuild.manifest import RequestedPicture
from ..tree.manifest_row import addresses, stood_in_page
from .lists import Unusable, check_list, digest_in, opened_list, origin_in, read_list
from .parts import Part, PartWriter, digest_of, finished

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .store import Store

LANES: Final = 64
PART_ROWS: Final = 1_000
_PLAN = "plan/plan.json"
_BAD = "plan/bad.jsonl"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row to fetch: its number in all lists together, its label, and what its list says of it.

    `earlier` are the fate and reason that an earlier turn gave it.
    """

    row: int
    id: str
    label: str
    sha256: str | None
    urls: tuple[str, ...]
    origin: Mapping[str, Any]
    inline: bool = False
    earlier: tuple[str, str | None] | None = None

    def requested(self) -> RequestedPicture:
        """The row as `pixset fetch` asks for it."""
        return RequestedPicture(
            self.id, self.label, "", self.sha256, self.urls, self.origin, self.inline
        )

    def line(self) -> bytes:
        """The row as a line of a part."""
        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: the plan's parts by lane and in order, labels, and lines left out."""

    inputs: str
    lanes: Sequence[Sequence[tuple[str, str]]]  # part's name and digest
    labels: Sequence[str]
    rows: int
    turns: int  # the largest number of addresses that a row has
    bad: Mapping[str, int] = field(default_factory=dict)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """All parts: name and digest."""
        return [part for lane in self.lanes for part in lane]


def read_rows(store: Store, part: str) -> list[PlannedRow]:
    """The rows of a plan's part."""
    return [_row(json.loads(line)) for line in store.read(f"{part}.jsonl").splitlines()]


def _row(record: dict[str, Any]) -> PlannedRow:
    earlier = record.pop("earlier", None)
    return PlannedRow(
        **{**record, "urls": tuple(record["urls"])}, earlier=tuple(earlier) if earlier else None
    )


class LaneWriter:
    """Cuts rows into parts of at most PART_ROWS, lane by lane, and writes what is not there."""

    def __init__(self, store: Store, turn: int) -> None:
        self._store = store
        self._turn = turn
        self._waiting: dict[int, list[bytes]] = {}
        self._lanes: dict[int, list[tuple[str, str]]] = {}
        self._there = finished(store, "plan")

    def add(self, row: PlannedRow) -> None:
        """Put a row into the lane of the host that this turn asks."""
        url = row.urls[self._turn] if self._turn < len(row.urls) else None
        host = asked_host(url) if url else None
        lane = crc32(host.encode()) % LANES if host else row.row % LANES
        waiting = self._waiting.setdefault(lane, [])
        waiting.append(row.line())
        if len(waiting) >= PART_ROWS:
            self._write(lane)

    def close(self) -> list[list[tuple[str, str]]]:
        """Write the rest; returns each lane's parts."""
        for lane in sorted(self._waiting):
            if self._waiting[lane]:
                self._write(lane)
        return [self._lanes[lane] for lane in sorted(self._lanes)]

    def _write(self, lane: int) -> None:
        data = b"".join(self._waiting[lane])
        rows, self._waiting[lane] = len(self._waiting[lane]), []
        parts = self._lanes.setdefault(lane, [])
        part = Part(
            f"plan/turn-{self._turn}-lane-{lane:02}-{len(parts):05}",
            digest_of(hashlib.sha256(data).hexdigest()),
        )
        there = self._there.get(part.name)
        if there is None or there.inputs != part.inputs:
            writer = PartWriter(self._store, part)
            writer.write(".jsonl", data)
            writer.finish({"rows": rows})
        parts.append((part.name, part.inputs))


def make_plan(store: Store, lists: Sequence[str], label_column: str) -> Plan:
    """Read the lists and write the plan's parts; a plan of these very lists is taken as it is.

    Raises UsageError for a list that cannot be read, and where there is no row in any.
    """
    digests = []
    for source in lists:
        check_list(source)
        with opened_list(source) as path, path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    names = [source.rpartition("/")[2] for source in lists]
    inputs = digest_of("plan 1", label_column, LANES, PART_ROWS, *names, *digests)
    known = read_plan(store)
    if known is not None and known.inputs == inputs:
        there = finished(store, "plan")
        if all(name in there and there[name].inputs == digest for name, digest in known.parts):
            return known
    return _Planner(store, label_column).plan(inputs, lists)


def read_plan(store: Store) -> Plan | None:
    """The plan in a store; None where there is none that can be read."""
    data = store.read_all([_PLAN]).get(_PLAN)
    try:
        record = json.loads(data or b"")
        lanes = [[(str(name), str(digest)) for name, digest in lane] for lane in record["lanes"]]
        return Plan(**{**record, "lanes": lanes})
    except (ValueError, TypeError, KeyError):
        return None


class _Planner:
    """Reads lists once, row by row."""

    def __init__(self, store: Store, label_column: str) -> None:
        self._store = store
        self._column = label_column
        self._lanes = LaneWriter(store, 0)
        self._slugs: dict[str, str] = {}  # what a list calls a label → its slug
        self._names: dict[str, str] = {}  # slug → what the first list calls it
        self._ranks: Counter[str] = Counter()
        self._bad: list[bytes] = []
        self._counts: Counter[str] = Counter()
        self._rows = 0
        self._turns = 1

    def plan(self, inputs: str, lists: Sequence[str]) -> Plan:
        for source in lists:
            with opened_list(source) as path:
                self._read(path, source)
        if not self._rows:
            why = ", ".join(f"{why} {count}" for why, count in self._counts.items())
            raise UsageError(f"{', '.join(lists)}: no row can be used ({why or 'there is none'})")
        lanes = self._lanes.close()
        self._store.write(_BAD, b"".join(self._bad))
        labels = sorted(self._ranks)
        plan = Plan(inputs, lanes, labels, self._rows, self._turns, dict(self._counts))
        text = json.dumps(asdict(plan), ensure_ascii=False, sort_keys=True)
        self._store.write(_PLAN, text.encode())
        return plan

    def _read(self, path: Path, source: str) -> None:
        name = source.rpartition("/")[2]
        for number, row in read_list(path, source):
            try:
                if isinstance(row, Unusable):
                    raise row
                self._add(row, name.rpartition(".")[0])
            except Unusable as error:
                self._counts[error.why] += 1
                line = {"list": name, "line": number, "why": error.why, "detail": str(error)[:200]}
                self._bad.append(json.dumps(line, ensure_ascii=True).encode() + b"\n")

    def _add(self, row: dict[str, Any], stem: str) -> None:
        named = row.get(self._column)
        label = self._label(str(named) if named not in (None, "") else stem)
        digest = digest_in(row)
        origin = origin_in(row)
        inline = stood_in_page(origin)
        urls = () if inline else addresses(origin)
        self._ranks[label] += 1
        origin.setdefault("rank", self._ranks[label])
        number = self._rows
        self._rows += 1
        self._turns = max(self._turns, len(urls))
        ident = digest[:16] if digest else f"{number:012}"
        self._lanes.add(PlannedRow(number, ident, label, digest, urls, origin, inline))

    def _label(self, name: str) -> str:
        slug = self._slugs.get(name)
        if slug is not None:
            return slug
        try:
            slug = slug_of(name)
        except UsageError as error:
            raise Unusable("bad-label", str(error)) from None
        first = self._names.setdefault(slug, name)
        if plain_name(first) != plain_name(name):
            raise UsageError(f"labels {first!r} and {name!r} would both be {slug!r}: rename one")
        self._slugs[name] = slug
        return slug
