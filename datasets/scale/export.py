"""The export stage: shards of stated size, by the exporters' own functions, straight to the store.

An export is the folder `<format>/` of the store, as `pixset export --format` would write it; what
belongs to its parts (`.done`, rows) lies beside it.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ...curation.errors import Unreadable
from ...curation.images.batch import isolated
from ...curation.images.facts import from_record
from ...curation.images.quality import CHECKS
from ...curation.printable import json_text
from ..errors import UsageError
from ..exporters import parquet, webdataset
from ..exporters.features import FeatureTable
from ..exporters.readme import Tally
from ..exporters.shards import PictureSource, Shard
from ..files import SUMS
from ..rebuild.rows import RowSpool
from ..recipe.hosts import host_of
from ..split import SPLITS
from ..tree import manifest
from ..tree.build_folder_tree import measured_of
from ..tree.columns import COLUMNS
from ..tree.manifest_pictures import TreePicture
from ..tree.manifest_row import JSONL
from ..tree.prepare import Prepared, prepare
from ..tree.tables import json_bytes
from ..tree.write import WrittenPicture
from .parts import Done, Part, PartWriter, digest_of, finished

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...curation.images.sandbox import DecodeSandbox
    from ..tree.target import Target
    from .place import Placed
    from .store import Store


@dataclass(frozen=True, slots=True)
class Format:
    """How shards of one kind are named and written, and the README that goes along."""

    shard_name: Callable[[str, Shard], str]
    write_shard: Callable[[PictureSource, FeatureTable, Path, Shard], None]
    readme_of: Callable[[Tally, FeatureTable, int], str]


FORMATS: Final = MappingProxyType(
    {
        "webdataset": Format(webdataset.shard_name, webdataset.write_shard, webdataset.readme_of),
        "parquet": Format(parquet.shard_name, parquet.write_shard, parquet.readme_of),
    }
)


_SHARDS: Final = "export/{}.shards.json"
_OF_A_PART: Final = (".done", ".rows.jsonl")


@dataclass(frozen=True, slots=True)
class ExportTask:
    """One shard: the split stage's part that lists its pictures, and how it is written."""

    store: Store
    part: Part
    listed: str
    form: str
    name: str
    labels: tuple[str, ...]
    target: Target
    split: str
    number: int
    total: int
    processors: int | None

    @property
    def shard_file(self) -> str:
        """The name of the shard in the store."""
        shard = Shard(self.split, self.number, self.total, [])
        return f"{self.form}/{FORMATS[self.form].shard_name(self.name, shard)}"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A shard's pictures as its writer reads them: they lie in memory."""

    classes: tuple[str, ...]
    prepared: Mapping[str, bytes]

    def read(self, picture: TreePicture) -> bytes:
        """A picture's bytes."""
        return self.prepared[picture.id]


def check_format(form: str) -> None:
    """Raise UsageError for a format that has no shards."""
    if form not in FORMATS:
        raise UsageError(f"--format {form!r}: expected one of {', '.join(FORMATS)}")


def export_tasks(
    store: Store, placed: Placed, form: str, name: str, target: Target, processors: int | None
) -> list[ExportTask]:
    """A task a shard."""
    totals = Counter(str(done.counts["split"]) for done in placed.done.values())
    tasks = []
    for done in sorted(placed.done.values(), key=lambda one: one.name):
        split, _, number = done.name.rpartition("/")[2].rpartition("-")
        inputs = digest_of(
            "export 1", metadata.version("pixset"), form, name, target.spec(), totals[split],
            placed.labels, done.digest,
        )  # fmt: skip
        part = Part(f"export/{form}-{name}-{split}-{number}-of-{totals[split]:06}", inputs)
        tasks.append(
            ExportTask(store, part, done.name, form, name, placed.labels, target, split,
                       int(number), totals[split], processors)
        )  # fmt: skip
    return tasks


def export_shard(task: ExportTask, shared: object = None) -> Done:
    """Make a shard's pictures ready and write it; what cannot be made ready is left out."""
    del shared
    writer = PartWriter(task.store, task.part)
    listed = [json.loads(line) for line in task.store.read(f"{task.listed}.jsonl").splitlines()]
    facts = task.store.read_ranges([tuple(one["facts"]) for one in listed])
    sources = task.store.read_ranges([tuple(one["source"]) for one in listed])

    def ready(at: int, sandbox: DecodeSandbox) -> Prepared:
        return prepare(sources[at], task.target, sandbox)

    rows, prepared = [], {}
    failed: Counter[str] = Counter()
    for at, outcome in isolated(
        ready, list(range(len(listed))), name="prepare", workers=task.processors
    ):
        if isinstance(outcome, Unreadable):
            failed[outcome.why] += 1
            continue
        row = _row(listed[at], json.loads(facts[at]), outcome, task.labels)
        rows.append(row)
        prepared[str(row["id"])] = outcome.data
    pictures = [
        TreePicture(r["id"], r["file_name"], r["split"], r["label"], r["label_id"], json_bytes(r))
        for r in rows
    ]
    tree = _Prepared(task.labels, prepared)
    shard = Shard(task.split, task.number, task.total, pictures)
    with tempfile.TemporaryDirectory(prefix="pixset-scale-") as folder:
        path = Path(folder) / "shard"
        FORMATS[task.form].write_shard(tree, table(), path, shard)
        writer.put("", path, name=task.shard_file)
    name = task.shard_file.partition("/")[2]
    places = ({**row, "file_name": f"{row['id']}.jpg", "shard": name} for row in rows)
    writer.write(".rows.jsonl", b"".join(map(json_bytes, places)))
    licences = Counter(str(row["license"]) for row in rows)
    labels = Counter(str(row["label"]) for row in rows)
    counts = {"items": len(rows), "split": task.split, "labels": labels, "licences": licences,
              "failed": failed}  # fmt: skip
    return writer.finish(counts)


def table() -> FeatureTable:
    """The columns of every shard: the manifest's, each with its type."""
    scores = sorted(one.name for one in CHECKS.values() if one.score is not None)
    kinds = {name: kind for name, kind in COLUMNS.items() if name not in ("label", "label_id")}
    return FeatureTable(kinds, {"quality": tuple(scores)})


def _row(
    listed: Mapping[str, Any],
    known: Mapping[str, Any],
    prepared: Prepared,
    labels: Sequence[str],
) -> manifest.Row:
    """A picture's row in the manifest."""
    sha, label, split = listed["sha256"], listed["label"], listed["split"]
    ident = sha[:16]
    written = WrittenPicture(
        ident,
        f"{split}/{label}/{ident}.jpg",
        hashlib.sha256(prepared.data).hexdigest(),
        len(prepared.data),
        prepared.width,
        prepared.height,
        prepared.how,
    )
    row = manifest.row(split, label, labels.index(label), listed["group"], written)
    origin, source = dict(known["origin"]), known["source"]
    manifest.add_source(row, measured_of(from_record(known["facts"]), 0))
    origin.pop("fetched_at", None)  # of another fetch than this one
    row |= origin
    row |= {
        "label_source": "list",
        "final_url": source.get("final_url"),
        "host": host_of(origin.get("image_url") or "") or None,
        "http_status": source.get("status"),
        "content_type": source.get("content_type"),
        "x_robots_tag": source.get("x_robots_tag"),
        "etag": source.get("etag"),
        "last_modified": source.get("last_modified"),
        "tool_version": metadata.version("pixset"),
    }
    return row


def finish_export(
    store: Store, done: Sequence[Done], placed: Placed, form: str, name: str
) -> dict[str, Any]:
    """Write what goes along with an export's shards, and take stale shards of ours away."""
    _remove_stale(store, done, form)
    sides = {(label, str(one.counts["split"])) for one in done for label in one.counts["labels"]}
    counts: Counter[tuple[str, str]] = Counter()
    licences: Counter[str] = Counter()
    for one in done:
        counts.update({(la, str(one.counts["split"])): n for la, n in one.counts["labels"].items()})
        licences.update(one.counts["licences"])
    splits = tuple(split for split in SPLITS if any(side == split for _, side in sides))
    tally = Tally(name, placed.labels, splits, counts, licences)
    last = max(sum(one.counts["split"] == "train" for one in done) - 1, 0)
    held = {split: sum(n for (_, side), n in counts.items() if side == split) for split in splits}
    record = {
        "pixset": metadata.version("pixset"),
        "format": form,
        "pictures": held,
        "shards": len(done),
    }
    texts = {
        "README.md": FORMATS[form].readme_of(tally, table(), last),
        "classes.txt": "".join(f"{label}\n" for label in placed.labels),
        "export.json": json_text(record, indent=2) + "\n",
    }
    with tempfile.TemporaryDirectory(prefix="pixset-scale-") as folder:
        path = Path(folder) / JSONL
        with RowSpool(Path(folder)) as spool:
            for one in sorted(done, key=lambda part: part.name):
                for line in store.read(f"{one.name}.rows.jsonl").splitlines():
                    row = json.loads(line)
                    spool.add(row, row["label"], row["split"])
            spool.write_manifest(path)
        sums = {JSONL: store.put(f"{form}/{JSONL}", path)[1]}
    for file, text in texts.items():
        sums[file] = store.write(f"{form}/{file}", text.encode())[1]
    for one in done:
        for file, (_, digest) in one.files.items():
            if file.startswith(f"{form}/"):
                sums[file.removeprefix(f"{form}/")] = digest
    listed = "".join(f"{digest}  {file}\n" for file, digest in sorted(sums.items()))
    store.write(f"{form}/{SUMS}", listed.encode())
    return record


def announce(store: Store, tasks: Sequence[ExportTask], form: str) -> None:
    """Write down which shards will be written, beside those that an earlier run wrote down."""
    names = {task.shard_file for task in tasks} | _announced(store, form)
    store.write(_SHARDS.format(form), json.dumps(sorted(names)).encode())


def _announced(store: Store, form: str) -> set[str]:
    name = _SHARDS.format(form)
    try:
        found = json.loads(store.read_all([name]).get(name, b"[]"))
    except ValueError:
        return set()
    return {one for one in found if isinstance(one, str)} if isinstance(found, list) else set()


def _remove_stale(store: Store, done: Sequence[Done], form: str) -> None:
    """Remove the shards of an earlier export that are none of this one: loaders would read them."""
    names = {one.name for one in done}
    files = {file for one in done for file in one.files}
    old = [name for name in finished(store, "export", form) if name.startswith(f"export/{form}-")]
    store.remove(sorted(_announced(store, form) - files))
    store.remove([f"{name}{end}" for name in old if name not in names for end in _OF_A_PART])
    shards = sorted(file for file in files if file.startswith(f"{form}/"))
    store.write(_SHARDS.format(form), json.dumps(shards).encode())
