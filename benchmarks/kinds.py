"""Drawn pairs of many kinds: which false ones are dropped, which true copies are not.

    python benchmarks/kinds.py --each 30

The kinds are those of tests/support/kinds. A false pair differs in one thing (another number,
another lamp, a shifted pattern); a true one is a picture saved again or at 75 %.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from neardup import outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.kinds import KINDS, false_pair, true_pair

ENDS = ("dropped", "review", "loose", "apart")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--each", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", default=[""], help="parts of names")
    options = parser.parse_args()
    totals = {"false": Counter[str](), "copies": Counter[str]()}
    print("| kind | false: dropped | review | one group | apart "
          "| copies: dropped | review | one group | apart |")  # fmt: skip
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, draw in KINDS.items():
        if not any(part in name for part in options.only):
            continue
        cells = []
        for truth, pair in (("false", false_pair), ("copies", true_pair)):
            first = options.seed * options.each
            ends = [outcome(*pair(draw, number)) for number in range(first, first + options.each)]
            totals[truth].update(ends)
            cells += [str(ends.count(end)) for end in ENDS]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    for truth, ends in totals.items():
        print(f"\n{truth}: {ends['dropped']} of {ends.total()} dropped", end="")
    print()


if __name__ == "__main__":
    main()
