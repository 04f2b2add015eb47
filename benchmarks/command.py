"""A whole command, run and measured: what the benchmarks of this folder have in common."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# A torchvision built for CUDA loads none of its operators beside a torch for processors, and then
# refuses to be imported. Hashing uses none of them: their names are enough.
TORCHVISION = """
try:
    import torchvision
except RuntimeError:
    import torch
    for name in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[name]
    operators = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms", "roi_align", "_roi_align_backward", "roi_pool",
                 "_roi_pool_backward", "ps_roi_align", "_ps_roi_align_backward", "ps_roi_pool",
                 "_ps_roi_pool_backward", "deform_conv2d", "_deform_conv2d_backward"):
        operators.define(f"{name}(Tensor x) -> Tensor")
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall and of CPU (children's included), and the largest process's peak in MB."""

    wall: float
    cpu: float
    peak: float


# A process's peak begins with that of whoever started it: so somebody small starts it.
LAUNCHER = """
import os, sys, time
began = time.perf_counter()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
took = time.perf_counter() - began
print()
print(status, took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def spent() -> float:
    """CPU seconds of this process until now, its children's included, those still alive too.

    Decoding processes outlive the work they did: `getrusage` knows nothing of them before they end.
    """
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ended = sum(one.ru_utime + one.ru_stime for one in used)
    ticks = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(words[1]) == os.getpid():
            ticks += int(words[11]) + int(words[12])
    return ended + ticks / os.sysconf("SC_CLK_TCK")


def cost_of(words: list[str]) -> Cost:
    """Run a command to its end; SystemExit with what it wrote where it fails."""
    small = [sys.executable, "-I", "-S", "-c", LAUNCHER, *words]
    done = subprocess.run(small, capture_output=True, text=True, check=True)
    status, wall, cpu, peak = done.stdout.splitlines()[-1].split()
    if int(status):
        raise SystemExit(f"{words} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return Cost(float(wall), float(cpu), float(peak))


def pixset(*words: object) -> Cost:
    """Run `pixset WORDS`."""
    return cost_of([sys.executable, "-P", "-m", "pixset.datasets", *map(str, words)])


def code(text: str, *words: object) -> Cost:
    """Run a few lines of Python, with `words` as its arguments."""
    return cost_of([sys.executable, "-P", "-c", text, *map(str, words)])
