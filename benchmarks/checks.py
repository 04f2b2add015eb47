"""Pictures per second: pixset's one look against imagededup's encoding plus cleanvision's checks.

The look gives hashes, extra fingerprints, check scores, and a thumb; the two peers together give
one hash and check scores. The same files, the same machine, taken in turns, each as often as
--rounds says; the clock runs while pictures are worked on, not while packages are imported.
Processor seconds (all processes and threads) are what to read on a machine that is busy.

    python benchmarks/checks.py FOLDER --imagededup PYTHON --cleanvision PYTHON
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from command import TORCHVISION

LOOK = """
from pathlib import Path
from pixset.curation.images.batch import look_all
paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
before, start = spent(), time.perf_counter()
count = sum(1 for _ in look_all(paths))
"""
IMAGEDEDUP = f"""
{TORCHVISION}
from imagededup.methods import PHash
encoder = PHash(verbose=False)
before, start = spent(), time.perf_counter()
count = len(encoder.encode_images(image_dir=folder, recursive=True))
"""
CLEANVISION = """
from cleanvision import Imagelab
before, start = spent(), time.perf_counter()
lab = Imagelab(data_path=folder)
lab.find_issues(verbose=False)
count = len(lab.issues)
"""
MAIN = """import sys, time
sys.path.insert(0, {home!r})
from command import spent

if __name__ == "__main__":
    folder = sys.argv[1]
{body}
    print(count, time.perf_counter() - start, spent() - before)
"""


def timed(
    name: str, python: str, script: str, folder: Path, place: Path
) -> tuple[int, float, float]:
    body = "\n".join("    " + line for line in script.strip().splitlines())
    path = place / f"pixset-bench-{name}.py"
    path.write_text(MAIN.format(body=body, home=str(Path(__file__).parent)))
    done = subprocess.run(
        [python, "-P", path, folder], check=True, capture_output=True, text=True
    ).stdout
    count, wall, cpu = done.splitlines()[-1].split()
    path.unlink()
    return int(count), float(wall), float(cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--imagededup", help="an interpreter that has it")
    parser.add_argument("--cleanvision", help="an interpreter that has it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scratch", type=Path, default=Path("/tmp"))
    options = parser.parse_args()
    tools = {
        "pixset": (sys.executable, LOOK),
        "imagededup": (options.imagededup, IMAGEDEDUP),
        "cleanvision": (options.cleanvision, CLEANVISION),
    }
    tools = {name: tool for name, tool in tools.items() if tool[0]}
    rounds: dict[str, list[tuple[int, float, float]]] = {name: [] for name in tools}
    for _ in range(options.rounds):
        for name, (python, script) in tools.items():
            rounds[name].append(
                timed(name, python, script, options.folder.resolve(), options.scratch)
            )
    middle = {
        name: [statistics.median(column) for column in zip(*done, strict=True)]
        for name, done in rounds.items()
    }
    print("| tool | pictures | seconds | pictures/s | processor seconds |\n|---|---|---|---|---|")
    for name, (count, wall, cpu) in middle.items():
        print(f"| {name} | {count:.0f} | {wall:.2f} | {count / wall:.0f} | {cpu:.2f} |")
    if len(middle) == 3:
        wall, cpu = (
            (middle["imagededup"][part] + middle["cleanvision"][part]) / middle["pixset"][part]
            for part in (1, 2)
        )
        print(f"\npixset's look against both peers: {wall:.1f} x by wall, {cpu:.1f} x by CPU")


if __name__ == "__main__":
    main()
