"""`make fuzz`: see the package's own words."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import sys
import tempfile
from pathlib import Path
from types import FunctionType

from .run import Count, Target, inputs, run
from .targets import all_targets


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="over all targets")
    parser.add_argument("--most", type=int, default=1_000_000, help="inputs, over all targets")
    parser.add_argument("--seed", type=int, help="default: a new one, printed")
    parser.add_argument("--target", action="append", help="only these, by name")
    parser.add_argument("--number", type=int, help="feed this one input of one target, and end")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="for findings")
    parser.add_argument("--coverage", action="store_true", help="one target, guided by atheris")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    with (
        tempfile.TemporaryDirectory(prefix="pixset-fuzz-") as folder,
        all_targets(Path(folder)) as targets,
    ):
        chosen = [one for one in targets if not given.target or one.name in given.target]
        if not chosen:
            parser.error(f"--target: one of {', '.join(one.name for one in targets)}")
        if given.number is not None:
            return _one(chosen[0], seed, given.number)
        if given.coverage:
            return _guided(chosen[0], given.minutes * 60)
        return _all(chosen, seed, given.minutes * 60, given.most, given.keep)


def _all(targets: list[Target], seed: int, seconds: float, most: int, keep: Path) -> int:
    print(f"seed {seed}; {platform.platform()}, Python {platform.python_version()}\n")
    print("| target | inputs | past the header | findings | s |\n|---|---|---|---|---|")
    counts: list[Count] = []
    for number, target in enumerate(targets):
        # What one target leaves of its time and inputs goes to those behind it.
        left = len(targets) - number
        time_left = seconds - sum(count.seconds for count in counts)
        inputs_left = most - sum(count.inputs for count in counts)
        count = run(target, seed, time_left / left, -(-inputs_left // left), keep)
        counts.append(count)
        share = count.past / max(1, count.inputs)
        print(
            f"| {target.name} | {count.inputs:,} | {share:.0%} | {len(count.findings)} |"
            f" {count.seconds:.0f} |",
            flush=True,
        )
    whole = sum(count.inputs for count in counts)
    past = sum(count.past for count in counts) / max(1, whole)
    findings = [line for count in counts for line in count.findings.values()]
    took = sum(count.seconds for count in counts)
    print(f"| **all** | {whole:,} | {past:.0%} | {len(findings)} | {took:.0f} |")
    print("\n" + "\n".join(findings or ["nothing found"]))
    return 1 if findings else 0


def _one(target: Target, seed: int, number: int) -> int:
    _, data = next(inputs(target, seed, number))
    print(f"{len(data)} bytes: {data[:200]!r}")
    print("past the header" if target.feed(data) else "refused, as promised")
    return 0


def _guided(target: Target, seconds: float) -> int:
    """Let atheris follow the branches of our own code; an error that escapes ends it.

    Needs `pip install atheris`. What it found that reaches new branches is left in a folder that
    it names.
    """
    try:
        import atheris
    except ImportError:
        print("no atheris here: pip install atheris (it has wheels for some Pythons on Linux)")
        return 2
    corpus = Path(tempfile.mkdtemp(prefix="pixset-corpus-"))
    for number, seed in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(seed)
    target.feed(target.seeds[0])  # what is imported on the way is followed, too
    ours = [
        one
        for one in gc.get_objects()
        if isinstance(one, FunctionType) and (one.__module__ or "").startswith("pixset.")
    ]
    for function in ours:
        atheris.instrument_func(function)
    print(f"{len(ours)} functions followed, {len(target.seeds)} seeds, corpus in {corpus}")
    atheris.Setup([sys.argv[0], str(corpus), f"-max_total_time={seconds:.0f}"], target.feed)
    atheris.Fuzz()
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
