"""Do pictures change split when others are added, and do copies lie on both sides of the split?

    .venv/bin/python benchmarks/split_stability.py IMAGES [--peers PYTHON]

IMAGES holds `photos/labels.csv` and `neardup/groups.csv` with their pictures (real photographs and
labelled copies). The copies are mixed into the photographs in two classes (food, other), then split
80/20 by pixset, by split-folders and by scikit-learn's train_test_split (stratified). PYTHON is an
interpreter with `split-folders` and `scikit-learn`; without it only pixset is measured.

Stability: 100 photographs are held back, then 1, 10 and 100 of them are added; what is counted is
the share of the pictures that were there before and change split. Leakage: the share of val that
has a true copy (same group in groups.csv, told duplicates) in train; mean over five seeds.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from pixset.curation import Facts, find_families, look_all
from pixset.datasets.split import Item, split

if TYPE_CHECKING:
    from collections.abc import Mapping

FOOD = {"pizza", "not_pizza", "steak", "sushi", "omelette", "french_fries", "Food", "Cake", "Fruit"}
FOOD_SETS = {"webscrape_pizza", "food101_two_repos"}
ADDED = (1, 10, 100)
SEEDS = range(5)

PEERS = """
import json, pathlib, sys, tempfile
import splitfolders
from sklearn.model_selection import train_test_split

def sklearn(labels, seed):
    names = sorted(labels)
    train, val = train_test_split(
        names, test_size=0.2, random_state=seed, stratify=[labels[n] for n in names])
    return {**dict.fromkeys(train, "train"), **dict.fromkeys(val, "val")}

def folders(labels, seed):
    with tempfile.TemporaryDirectory() as place:
        source, out = pathlib.Path(place, "source"), pathlib.Path(place, "out")
        for name, label in labels.items():  # empty files will do: it looks at names alone
            (source / label).mkdir(parents=True, exist_ok=True)
            (source / label / name).touch()
        splitfolders.ratio(str(source), output=str(out), seed=seed, ratio=(0.8, 0.2))
        return {p.name: p.parts[-3] for p in out.rglob("*.jpg")}

job = json.load(sys.stdin)
split = {"scikit-learn": sklearn, "split-folders": folders}
json.dump({name: [rule(labels, seed) for labels, seed in job] for name, rule in split.items()},
          sys.stdout)
"""


def gather(images: Path) -> tuple[dict[str, Path], dict[str, str], dict[str, str]]:
    """Name → file, name → label, name → group of true copies."""
    files, labels, groups = {}, {}, {}
    for number, row in enumerate(_rows(images / "photos" / "labels.csv")):
        name = f"p{number:04}.jpg"
        files[name] = images / row["file"]
        labels[name] = "food" if row["class"] in FOOD else "other"
    for number, row in enumerate(_rows(images / "neardup" / "groups.csv")):
        name = f"n{number:04}.jpg"
        files[name] = images / row["file"]
        labels[name] = "food" if row["set"] in FOOD_SETS else "other"
        if row["expected"] == "duplicate":
            groups[name] = f"{row['set']}/{row['group']}"
    return files, labels, groups


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Pixset:
    """pixset's own steps: look once, families and split for each set of pictures."""

    def __init__(self, files: dict[str, Path]) -> None:
        names = {path: name for name, path in files.items()}
        self.facts = {
            names[path]: found for path, found in look_all(list(names)) if isinstance(found, Facts)
        }
        self.files = files
        self.groups: dict[frozenset[str], Mapping[str, str]] = {}

    def split(
        self, labels: dict[str, str], seed: int, earlier: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Name → split; `earlier` are placements that stay."""
        by_sha: dict[str, list[str]] = defaultdict(list)
        for name in sorted(labels):
            if name in self.facts:
                by_sha[self.facts[name].sha256].append(name)
        key = frozenset(by_sha)
        if key not in self.groups:  # another seed changes no family
            self.groups[key] = find_families(
                [self.facts[names[0]] for names in by_sha.values()],
                read=lambda sha: self.files[by_sha[sha][0]].read_bytes(),
            ).split_group
        group = self.groups[key]
        items = [Item(sha, labels[names[0]], group.get(sha, sha)) for sha, names in by_sha.items()]
        old = (
            {sha: earlier[n] for sha, names in by_sha.items() for n in names if n in earlier}
            if earlier
            else {}
        )
        splits = split(items, seed=seed, earlier=old).splits
        return {name: splits[sha] for sha, names in by_sha.items() for name in names}


def leak(splits: dict[str, str], groups: dict[str, str]) -> float:
    """The share of val with a true copy in train."""
    train = {groups[name] for name, split in splits.items() if split == "train" and name in groups}
    val = [name for name, split in splits.items() if split == "val"]
    return sum(groups.get(name) in train for name in val) / len(val)


def moved(before: dict[str, str], after: dict[str, str]) -> float:
    there = before.keys() & after.keys()
    return sum(before[name] != after[name] for name in there) / len(there)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("images", type=Path)
    options.add_argument("--peers", help="an interpreter with split-folders and scikit-learn")
    told = options.parse_args()
    files, labels, groups = gather(told.images)
    ours = Pixset(files)
    labels = {name: label for name, label in labels.items() if name in ours.facts}
    held = sorted(name for name in labels if name.startswith("p"))[::8][:100]
    base = {name: label for name, label in labels.items() if name not in held}
    sets = [base, *({**base, **{n: labels[n] for n in held[:k]}} for k in ADDED)]

    print(f"{len(labels)} pictures, {len(groups)} of them in {len(set(groups.values()))} groups\n")
    print("| splitter | moved by +1 | +10 | +100 | val with a copy in train |")
    print("|---|---:|---:|---:|---:|")
    first = ours.split(base, 0)
    last, steps = first, []
    for more in sets[1:]:
        now = ours.split(more, 0, last)
        steps.append(moved(first, now))
        last = now
    leaks = [leak(ours.split(labels, seed), groups) for seed in SEEDS]
    line("pixset", steps, leaks)
    line(
        "pixset, earlier placements unknown",
        [moved(first, ours.split(m, 0)) for m in sets[1:]],
        leaks,
    )
    if told.peers:
        jobs = [*((one, 0) for one in sets), *((labels, seed) for seed in SEEDS)]
        ran = subprocess.run(
            [told.peers, "-c", PEERS], input=json.dumps(jobs), capture_output=True, text=True,
            check=True, cwd=tempfile.gettempdir(),
        )  # fmt: skip
        for name, results in json.loads(ran.stdout).items():
            peer_steps = [moved(results[0], after) for after in results[1 : len(sets)]]
            line(name, peer_steps, [leak(one, groups) for one in results[len(sets) :]])


def line(name: str, steps: list[float], leaks: list[float]) -> None:
    shown = " | ".join(f"{step:.1%}" for step in steps)
    print(f"| {name} | {shown} | {sum(leaks) / len(leaks):.1%} |", flush=True)


if __name__ == "__main__":
    main()
