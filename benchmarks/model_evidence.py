"""Evidence by a model, on real photographs: off-topic queries, odd pictures, proposed pairs.

    python benchmarks/model_evidence.py IMAGES --model lite0.onnx [--pairs SET ...]

Queries: each label's pictures are dealt to two queries or four, and a share of the first query's
are replaced by foreign photographs; counted is what `query_topics` calls off topic. Oddness: a
twentieth foreign pictures under each label; AUC of the ranking. Pairs: what `dedupe` joins is
joined first; then the pairs that `near_pairs` proposes are held against the sets' truth. The
constants were chosen on the sets marked so; the others are only reported. `--pairs` prints the
rows of these sets of pairs alone.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from label_noise import SETS, embedded, pictures
from pixset.curation.duplicates.families import find_families
from pixset.curation.errors import Unreadable
from pixset.curation.images.measure import look
from pixset.curation.labels.nearness import near_pairs, oddness
from pixset.curation.labels.onnx_model import OnnxEmbedder
from pixset.curation.labels.topics import query_topics
from sklearn.metrics import roc_auc_score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pixset.curation.labels.embedding import Embedder

AWAY = ("Airplane", "Text document", "Portrait", "House")
CHOSEN = {"tune", "intel_resize", "webscrape_weather"}
PAIR_SETS = (
    *("intel_resize", "webscrape_weather", "webscrape_pizza", "flickr_recompress"),
    *("flowers_three_repos", "food101_two_repos", "meme_text_overlay", "ukbench_viewpoint"),
    *("pdq_bridge_mods", "pdq_dihedral", "pdq_modes", "imagededup", "natural_in_published"),
)
SEEDS = range(8)
Rows = dict[str, np.ndarray]


def dealt(
    rows: Mapping[str, Sequence[np.ndarray]], foreign: Sequence[np.ndarray], share: float, seed: int
) -> tuple[Rows, dict[tuple[str, str], list[str]], set[str]]:
    """Pictures by name, each label's queries, and the names of the foreign ones."""
    chance = random.Random(seed)
    named: Rows = {}
    queries: dict[tuple[str, str], list[str]] = defaultdict(list)
    wrong = set()
    for label, own in rows.items():
        order = chance.sample(range(len(own)), len(own))
        count = 4 if len(own) > 30 else 2
        for place, at in enumerate(order):
            name = f"{label} {place}"
            named[name] = own[at]
            queries[label, str(place % count)].append(name)
        first = queries[label, "0"]
        for name in first[: round(share * len(first))]:
            named[name] = chance.choice(foreign)
            wrong.add(name)
    return named, dict(queries), wrong


def queries_row(
    rows: Mapping[str, Sequence[np.ndarray]], foreign: Sequence[np.ndarray], share: float
) -> tuple[float, float]:
    """Off-topic shares of the queries with foreign pictures, and of the others; means."""
    bad, good = [], []
    for seed in SEEDS:
        named, queries, _ = dealt(rows, foreign, share, seed)
        for topic in query_topics(named, queries):
            if topic.off_topic is not None:
                (bad if topic.query == "0" else good).append(topic.off_topic / topic.pictures)
    return float(np.mean(bad)), float(np.mean(good))


def oddness_auc(rows: Mapping[str, Sequence[np.ndarray]], foreign: Sequence[np.ndarray]) -> float:
    """AUC of the oddness of foreign pictures, a twentieth of each label."""
    found = []
    for seed in SEEDS:
        chance = random.Random(seed)
        vectors, labels, wrong = [], [], []
        for label, own in rows.items():
            others = chance.sample(list(foreign), max(1, len(own) // 20))
            vectors += [*own, *others]
            labels += [label] * (len(own) + len(others))
            wrong += [False] * len(own) + [True] * len(others)
        names = [str(place) for place in range(len(labels))]
        found.append(roc_auc_score(wrong, oddness(np.stack(vectors), labels, names)))
    return float(np.mean(found))


def pairs_row(root: Path, name: str, embed: Embedder) -> tuple[int, int, int, int, int]:
    """Pictures, true pairs that dedupe leaves apart, pairs proposed, those true, those not.

    A true pair is one of a group that the set calls duplicates.
    """
    with (root / "groups.csv").open(encoding="utf-8") as stream:
        listed = [row for row in csv.DictReader(stream) if row["set"] == name]
    groups: dict[str, str] = {}
    data: dict[str, bytes] = {}
    paths: dict[str, Path] = {}
    facts = []
    for row in listed:
        path = root.parent / row["file"]
        seen = look(path.read_bytes())
        if isinstance(seen, Unreadable) or seen.sha256 in groups:
            continue
        facts.append(seen)
        true = row["expected"].startswith(("duplicate", "near_duplicate"))
        groups[seen.sha256] = row["group"] if true else row["file"]
        data[seen.sha256] = path.read_bytes()
        paths[seen.sha256] = path
    joined = find_families(sorted(facts, key=lambda one: one.sha256), read=data.__getitem__)
    shas = list(paths)
    split = [joined.split_group.get(sha, sha) for sha in shas]
    proposed = near_pairs(embedded(list(paths.values()), embed), split)
    same = sum(groups[shas[one.one]] == groups[shas[one.other]] for one in proposed)
    apart = sum(
        groups[one] == groups[other] and split[at] != split[shas.index(other)]
        for at, one in enumerate(shas)
        for other in shas[at + 1 :]
    )
    return len(shas), apart, len(proposed), same, len(proposed) - same


def main() -> None:
    """Print the three tables."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("images", type=Path)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--pairs", nargs="+", choices=PAIR_SETS, metavar="SET")
    chosen = options.parse_args()
    embed = OnnxEmbedder(chosen.model)
    if not chosen.pairs:
        print_queries(chosen.images / "photos", embed)
    print("| set | pictures | true pairs left apart | proposed | true | not |")
    print("|---|---|---|---|---|---|")
    for name in chosen.pairs or PAIR_SETS:
        mark = " (chosen on)" if name in CHOSEN else ""
        numbers = pairs_row(chosen.images / "neardup", name, embed)
        print(f"| {name}{mark} | {' | '.join(map(str, numbers))} |", flush=True)


def print_queries(photos: Path, embed: Embedder) -> None:
    """Print what is called off topic, and how well the odd pictures rank."""
    away = [path for label in AWAY for path in pictures(photos, label)]
    foreign = list(embedded(away, embed))
    print("| set | oddness, AUC | foreign: 0 | 20 % | 50 % | 80 % | in the other queries |")
    print("|---|---|---|---|---|---|---|")
    for name in ("tune", "scenes", "flowers", "food"):
        rows = {label: list(embedded(pictures(photos, label), embed)) for label in SETS[name]}
        told = [queries_row(rows, foreign, share) for share in (0.0, 0.2, 0.5, 0.8)]
        shares = " | ".join(f"{bad:.2f}" for bad, _ in told)
        others = max(good for _, good in told)
        mark = " (chosen on)" if name in CHOSEN else ""
        print(f"| {name}{mark} | {oddness_auc(rows, foreign):.2f} | {shares} | {others:.2f} |")
    print()


if __name__ == "__main__":
    main()
