"""The exact Hamming self-join at 10 k, 100 k and 1 M hashes: seconds, peak memory, k new against N.

    python benchmarks/join.py [--radius 8] [--sizes 10000 100000 1000000]

Each size runs in a process of its own, so its peak memory is its own. 22 % of the hashes are
planted six flipped bits away from another. 10 k is checked against brute force on the spot.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
from pixset.curation.duplicates.hamming import join, self_join


def planted(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 2**64, int(count * 0.78), dtype=np.uint64)
    near = rng.choice(base, count - len(base))
    for _ in range(6):
        near = near ^ (np.uint64(1) << rng.integers(0, 64, len(near), dtype=np.uint64))
    hashes = np.unique(np.concatenate([base, near]))
    rng.shuffle(hashes)
    return hashes


def one(count: int, radius: int) -> None:
    hashes = planted(count)
    start, burnt = time.perf_counter(), time.process_time()
    pairs = self_join(hashes, radius)
    wall, cpu = time.perf_counter() - start, time.process_time() - burnt
    new = planted(1000, seed=1)
    burnt = time.process_time()
    join(new, hashes, radius)
    added = time.process_time() - burnt
    recall = ""
    if count <= 10_000:
        apart = np.bitwise_count(hashes[:, None] ^ hashes[None, :])
        truth = (np.count_nonzero(apart <= radius) - len(hashes)) // 2
        recall = f"{len(pairs) / truth:.3f}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {count:,} | {radius} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {len(pairs):,} "
        f"| {recall} | {added:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--radius", type=int, default=8)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    if len(options.sizes) == 1:
        one(options.sizes[0], options.radius)
        return
    print("| hashes | radius | wall s | CPU s | peak MB | pairs | recall | 1,000 new: CPU s |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for size in options.sizes:
        command = [sys.executable, __file__, "--radius", str(options.radius), "--sizes", str(size)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
