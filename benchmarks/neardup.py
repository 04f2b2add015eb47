"""Near-duplicates with known truth: what is dropped, what is kept apart, what straddles a split.

    python benchmarks/neardup.py SAMPLES/images            the sets in neardup/groups.csv
    python benchmarks/neardup.py SAMPLES/images --made 25  and pairs made from photos/
    python benchmarks/neardup.py SAMPLES/images --rows brighter TRAP  only such made pairs

Recall: pairs of one group marked `duplicate` that end in one family (equal bytes included).
False: pairs in one family that are not in one group. `same_object_not_copy`, captions and
look-alikes must not be dropped. A pair across two sets whose file names carry the same Flickr id
is the same photo and counts as neither.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import synthetic
from PIL import Image
from pixset.curation import Facts, find_families, look, look_all
from pixset.curation.duplicates.hamming import collapse, self_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pixset.curation import Families

# Copies too, but whether to drop them is a matter of taste: neither demanded nor held against.
UNDECIDED = {"duplicate", "duplicate_letterboxed_hard", "duplicate_if_flip_rotate_invariant"}

# For the split every copy counts: turned, letterboxed and captioned ones too.
COPIES_OF_A_KIND = UNDECIDED | {"duplicate_except_text", "near_duplicate_two_shots"}


class Truth:
    """The rows of groups.csv with their facts."""

    def __init__(self, root: Path) -> None:
        with (root / "neardup" / "groups.csv").open(newline="") as file:
            self.rows = list(csv.DictReader(file))
        paths = [root / row["file"] for row in self.rows]
        start = time.perf_counter()
        looked = [facts for _, facts in look_all(paths)]
        self.seconds = time.perf_counter() - start
        self.facts = [facts for facts in looked if isinstance(facts, Facts)]
        assert len(self.facts) == len(self.rows)
        self.bytes = {facts.sha256: path for facts, path in zip(self.facts, paths, strict=True)}

    def read(self, sha256: str) -> bytes:
        """The bytes of a digest, for the closer look."""
        return self.bytes[sha256].read_bytes()

    def one_group(self, one: int, two: int) -> bool:
        """Whether both rows carry one group's name; only the PDQ sets share a picture."""
        a, b = self.rows[one], self.rows[two]
        sets = {a["set"], b["set"]}
        shared = len(sets) == 1 or all(name.startswith("pdq_") for name in sets)
        return shared and a["group"] == b["group"]

    def copies(self, one: int, two: int) -> bool | None:
        """Whether two rows are copies; None where the truth does not say."""
        a, b = self.rows[one], self.rows[two]
        if self.facts[one].sha256 == self.facts[two].sha256:
            return True
        if self.one_group(one, two):
            both = {a["expected"], b["expected"]}
            if both == {"duplicate"}:
                return True
            return None if both <= UNDECIDED else False
        ids = [set(re.findall(r"\d{8,}", row["file"])) for row in (a, b)]
        return None if ids[0] & ids[1] else False


def by_set(truth: Truth, found: Families) -> None:
    dropped = found.dropped()
    top = [dropped.get(facts.sha256, facts.sha256) for facts in truth.facts]
    hits, pairs, false = Counter(), Counter(), Counter()
    wrong = []
    for one, two in combinations(range(len(top)), 2):
        row, together = truth.rows[one], top[one] == top[two]
        copies = truth.copies(one, two)
        same_set = row["set"] == truth.rows[two]["set"]
        if copies and same_set and row["group"] == truth.rows[two]["group"]:
            pairs[row["set"]] += 1
            hits[row["set"]] += together
        if together and copies is False:
            false[row["set"]] += 1
            wrong.append((row["file"], truth.rows[two]["file"]))
    print("\n| set | files | pairs of copies | found | recall | false pairs |")
    print("|---|---|---|---|---|---|")
    files = Counter(row["set"] for row in truth.rows)
    for name in sorted(files):
        recall = f"{hits[name] / pairs[name]:.3f}" if pairs[name] else ""
        print(
            f"| {name} | {files[name]} | {pairs[name]} | {hits[name]} | {recall} | {false[name]} |"
        )
    total, right = sum(false.values()), sum(hits.values())
    print(f"| all | {len(top)} | {sum(pairs.values())} | {right} | "
          f"{right / sum(pairs.values()):.3f} | {total} |")  # fmt: skip
    print(f"\nprecision {right / (right + total):.4f}")
    for one, two in wrong:
        print(f"  false: {one} = {two}")


def lookalikes(truth: Truth, found: Families, root: Path) -> None:
    place = {row["file"]: facts.sha256 for row, facts in zip(truth.rows, truth.facts, strict=True)}
    dropped = found.dropped()
    kept = Counter()
    with (root / "neardup" / "lookalikes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            one, two = (place[row[name]] for name in ("file_a", "file_b"))
            kept[row["verdict"], dropped.get(one, one) != dropped.get(two, two)] += 1
    print("\nlook-alikes (verdict, kept apart):", dict(kept))


def leakage(truth: Truth, found: Families, seeds: int = 20) -> None:
    """Share of validation pictures with a true copy in train, for several ways to split 80/20."""
    unique = {facts.sha256: place for place, facts in enumerate(truth.facts)}
    places = sorted(unique.values())
    partners = defaultdict(set)
    for one, two in combinations(places, 2):
        expected = {truth.rows[place]["expected"] for place in (one, two)}
        kin = truth.one_group(one, two) and expected <= COPIES_OF_A_KIND
        if truth.copies(one, two) or kin:
            partners[one].add(two)
            partners[two].add(one)
    phash = {place: truth.facts[place].fingerprints["phash"] for place in places}
    ways: dict[str, Mapping[int, object]] = {
        "random": {place: place for place in places},
        "equal pHash": phash,
        "pHash <= 8": components(phash, 8),
        "pHash <= 10 (imagededup's default)": components(phash, 10),
        "loose components": {
            place: found.split_group.get(truth.facts[place].sha256, place) for place in places
        },
    }
    left = {
        tuple(sorted((truth.rows[one]["file"], truth.rows[two]["file"])))
        for one, others in partners.items()
        for two in others
        if ways["loose components"][one] != ways["loose components"][two]
    }
    for one, two in sorted(left):
        print(f"  copies in two components: {one} / {two}")
    print("\n| split by | val pictures with a copy in train | largest group |\n|---|---|---|")
    for name, group in ways.items():
        shares = [leaked(places, group, partners, seed) for seed in range(seeds)]
        largest = max(Counter(group.values()).values())
        print(f"| {name} | {100 * np.mean(shares):.2f} % | {largest} |")


def components(phash: Mapping[int, int], radius: int) -> dict[int, int]:
    nodes, place, _ = collapse(np.array(list(phash.values()), dtype=np.uint64))
    up = list(range(len(nodes)))

    def root(node: int) -> int:
        while up[node] != node:
            node = up[node]
        return node

    found = self_join(nodes, radius)
    for one, two in zip(found.left.tolist(), found.right.tolist(), strict=True):
        first, second = sorted((root(one), root(two)))
        up[second] = first
    return {key: root(int(node)) for key, node in zip(phash, place, strict=True)}


def leaked(
    places: Iterable[int],
    group: Mapping[int, object],
    partners: Mapping[int, set[int]],
    seed: int,
) -> float:
    members = defaultdict(list)
    for place in places:
        members[group[place]].append(place)
    names = sorted(members, key=str)
    random.Random(seed).shuffle(names)
    total = sum(len(found) for found in members.values())
    val: set[int] = set()
    for name in names:
        if len(val) >= total / 5:
            break
        val.update(members[name])
    return sum(1 for place in val if partners.get(place, set()) - val) / len(val)


def made(root: Path, count: int, rows: Sequence[str]) -> None:
    """Copies and traps made from photos and drawn ones, two files at a time.

    Where `rows` are given, only those with one of these words in their names.
    """
    rng = np.random.default_rng(1)
    pictures = photographs(root, count)

    def show(name: str, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        if not rows or any(word in name for word in rows):
            line(name, list(pairs))

    print("\n| what was done | pairs | dropped | review | one component | apart |")
    print("|---|---|---|---|---|---|")
    for name, maker in {**synthetic.COPIES, **synthetic.TURNS}.items():
        show(name, ((synthetic.encoded(one, quality=92), maker(one, rng)) for one in pictures))
    for name, trap in synthetic.PHOTO_TRAPS.items():
        show(f"TRAP {name}", (trap(one, rng) for one in pictures))
    drawn = defaultdict(list)
    for _ in range(count):
        for name, pair in synthetic.drawn_traps(rng).items():
            drawn[name].append(pair)
    for name, pairs in drawn.items():
        show(f"TRAP {name}", pairs)


def photographs(root: Path, count: int) -> list[Image.Image]:
    """Photographs of 640 pixels at most, the same for every run."""
    paths = sorted((root / "photos").rglob("*.jp*g"))
    random.Random(1).shuffle(paths)
    pictures = []
    for path in paths:
        if {"Text document", "Meme"} & set(path.parts):
            continue
        picture = Image.open(path).convert("RGB")
        if min(picture.size) >= 150 and len(pictures) < count:
            picture.thumbnail((640, 640))
            pictures.append(picture)
    return pictures


def line(name: str, pairs: list[tuple[bytes, bytes]]) -> None:
    ends = Counter(outcome(*pair) for pair in pairs)
    cells = " | ".join(str(ends[end]) for end in ("dropped", "review", "loose", "apart"))
    print(f"| {name} | {len(pairs)} | {cells} |", flush=True)


def outcome(one: bytes, two: bytes) -> str:
    facts = [look(data) for data in (one, two)]
    data = dict(zip((fact.sha256 for fact in facts), (one, two), strict=True))
    found = find_families(facts, read=data.__getitem__)
    if found.dropped() or len(data) == 1:
        return "dropped"
    if found.review:
        return "review"
    return "loose" if len(set(found.split_group.values())) == 1 else "apart"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", type=Path)
    parser.add_argument("--made", type=int, default=0, help="photos to make pairs from")
    parser.add_argument("--rows", nargs="+", default=[], help="words of the made rows; no sets")
    options = parser.parse_args()
    if options.rows:
        made(options.images, options.made or 30, options.rows)
        return
    truth = Truth(options.images)
    start, burnt = time.perf_counter(), time.process_time()
    found = find_families(truth.facts, read=truth.read)
    print(f"{len(truth.facts)} files: look {truth.seconds:.1f} s, families "
          f"{time.perf_counter() - start:.1f} s ({time.process_time() - burnt:.1f} s CPU), "
          f"{len(found.review)} pairs to review, {len(found.low_information)} low information, "
          f"{len(found.placeholders)} placeholders")  # fmt: skip
    by_set(truth, found)
    lookalikes(truth, found, options.images)
    leakage(truth, found)
    if options.made:
        made(options.images, options.made, ())


if __name__ == "__main__":
    main()
