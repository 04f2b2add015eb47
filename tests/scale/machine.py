"""What one machine makes of a list, and what a store holds, told in the same words."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pixset.datasets.catalogue import families
from pixset.datasets.project import Project

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-P", "-m", "pixset.datasets"]
# What a list cannot say, or says otherwise, of a picture that came from a folder.
OTHER_ORIGIN = frozenset(
    [
        *("label_source", "hits", "query", "engine", "rank", "image_url", "page_url", "final_url"),
        *("host", "title", "fetched_at", "http_status", "content_type", "etag", "last_modified"),
        *("recipe_sha256", "query_lang", "stratum"),
    ]
)


@dataclass
class Outcome:
    """Fates by label, why rows are lost, members of families, split groups, rows by digest."""

    fates: dict[str, dict[str, int]]
    lost: dict[str, int]
    families: dict[str, tuple[Any, ...]]
    groups: dict[str, str]
    rows: dict[str, dict[str, Any]]


def pixset(*words: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)], capture_output=True, text=True, check=False, env=env
    )


def on_one_machine(manifest: Path, root: Path) -> Outcome:
    """`pixset fetch`, `import`, `dedupe` and `split`."""
    fetched = pixset("fetch", manifest, "--into", root / "f", "--allow-private", "--json")
    assert fetched.returncode == 0, fetched.stderr
    said = json.loads(fetched.stdout)
    for words in (
        ["import", root / "f/images", "--into", root / "d"],
        ["dedupe", root / "d"],
        ["split", root / "d"],
    ):
        done = pixset(*words)
        assert done.returncode == 0, done.stderr
    with Project(root / "d").open_catalogue(write=False) as cat:
        members = families.members(cat)
    return Outcome(
        said["labels"],
        said["lost"],
        {
            sha: (m.keeper, m.relation, m.phash, m.dhash, m.difference)
            for sha, m in members.items()
            if m.keeper
        },
        {sha: m.split_group or sha for sha, m in members.items()},
        {
            row["source_sha256"]: {k: v for k, v in row.items() if k not in OTHER_ORIGIN}
            for row in read_lines(root / "d/ready/manifest.jsonl")
        },
    )


def in_store(root: Path, form: str = "parquet") -> Outcome:
    """What `pixset scale` left in a folder."""
    said = json.loads(pixset("scale", "status", "--store", root, "--json").stdout)
    found = [row for path in (root / "families").glob("*.jsonl") for row in read_lines(path)]
    rows = {row["source_sha256"]: row for row in read_lines(root / form / "manifest.jsonl")}
    looked = [
        json.loads(line)["facts"]
        for path in (root / "look").glob("*.facts.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    groups = {one["sha256"]: one["sha256"] for one in looked}
    groups |= {one["sha256"]: one["group"] for one in found}
    return Outcome(
        said["fates"],
        said["lost"],
        {
            one["sha256"]: (
                one["keeper"], one["relation"], one["phash"], one["dhash"], one["difference"],
            )
            for one in found
            if "keeper" in one
        },
        groups,
        {
            sha: {
                **{k: v for k, v in row.items() if k not in OTHER_ORIGIN and k != "shard"},
                "file_name": f"{row['split']}/{row['label']}/{row['file_name']}",
            }
            for sha, row in rows.items()
        },
    )  # fmt: skip


def assert_same(one: Outcome, other: Outcome) -> None:
    """Each part on its own, so that a failure says which."""
    assert one.fates == other.fates
    assert one.lost == other.lost
    assert one.families == other.families
    assert {sha: other.groups[sha] for sha in one.groups} == one.groups
    assert one.rows == other.rows


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def files(root: Path, *below: str) -> dict[str, bytes]:
    """Every file of some folders of a store but `.done`s, which hold times."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in below
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and path.suffix != ".done"
    }
