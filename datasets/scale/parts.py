"""Parts and their `.done`: the store is the only state, and a rerun does what lacks one.

A part is what one task makes: some files and, when they are there, `<part>.done`, which names the
digest of what the part was made from, and each file's size and digest. A part counts as done
where its `.done` names today's inputs and its files are as long as it says.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .store import Store

_log = logging.getLogger(__name__)
_DONE = ".done"


@dataclass(frozen=True, slots=True)
class Part:
    """One part to be made: its name (`look/part-00012`) and the digest of its inputs."""

    name: str
    inputs: str


@dataclass(frozen=True, slots=True)
class Done:
    """One part that is made.

    `files` are name in the store → (bytes, SHA-256), `counts` what it says of itself, times are
    seconds since 1970.
    """

    name: str
    inputs: str
    files: Mapping[str, tuple[int, str]]
    counts: Mapping[str, Any] = field(default_factory=dict)
    began: float = 0.0
    ended: float = 0.0

    @property
    def digest(self) -> str:
        """What stands for its files in the inputs of others."""
        return digest_of(self.inputs, *(sha for _, (_, sha) in sorted(self.files.items())))


class PartWriter:
    """Writes one part's files, and its `.done` at the end."""

    def __init__(self, store: Store, part: Part) -> None:
        self._store = store
        self._part = part
        self._files: dict[str, tuple[int, str]] = {}
        self._began = time.time()

    def write(self, suffix: str, data: bytes) -> None:
        """Write the file `<part><suffix>`."""
        name = self._part.name + suffix
        self._files[name] = self._store.write(name, data)

    def put(self, suffix: str, file: Path, *, name: str | None = None) -> None:
        """Write the file `<part><suffix>`, or `name`, from a local one."""
        name = name or self._part.name + suffix
        self._files[name] = self._store.put(name, file)

    def finish(self, counts: Mapping[str, Any]) -> Done:
        """Say that the part is made."""
        counted = json.loads(json.dumps(counts))  # as a later run reads it
        done = Done(
            self._part.name, self._part.inputs, self._files, counted, self._began, time.time()
        )
        text = json.dumps(asdict(done), ensure_ascii=False, sort_keys=True)
        self._store.write(self._part.name + _DONE, text.encode())
        return done


def digest_of(*what: object) -> str:
    """A digest of values that have a text: words, numbers, settings, other digests."""
    return hashlib.sha256("\n".join(map(str, what)).encode()).hexdigest()


def finished(store: Store, stage: str, *beside: str) -> dict[str, Done]:
    """The parts of a stage (a folder of the store) that are whole, by name.

    `beside` are other folders that hold files of them.
    """
    sizes = store.sizes(stage)
    names = [name for name in sizes if name.endswith(_DONE)]
    for folder in beside:
        sizes |= store.sizes(folder)
    found = {}
    for name, data in sorted(store.read_all(names).items()):
        done = _read(data)
        if done is None or done.name + _DONE != name:
            _log.warning("%s: no record of a part; it is made again", name)
        elif any(sizes.get(file) != size for file, (size, _) in done.files.items()):
            _log.warning("%s: its files are not as long as they were; it is made again", done.name)
        else:
            found[done.name] = done
    return found


def missing(parts: Sequence[Part], there: Mapping[str, Done]) -> list[Part]:
    """The parts that are not made, or were made of something else."""
    return [one for one in parts if one.name not in there or there[one.name].inputs != one.inputs]


def _read(data: bytes) -> Done | None:
    try:
        record = json.loads(data)
        files = {name: (int(size), str(sha)) for name, (size, sha) in record.pop("files").items()}
        return Done(files=files, **record)
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
