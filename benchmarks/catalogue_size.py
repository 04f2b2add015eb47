"""A catalogue of many pictures: bytes a picture, and how long `status` and the review page take.

    python benchmarks/catalogue_size.py [--pictures 100000] [--keep FOLDER]

Addresses, titles and answers have the lengths that engines and hosts give; thumbs are those of
drawn pictures. Times are of whole commands, memory is their peak.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from pixset.curation.images.measure import look, versions
from pixset.curation.images.quality import CHECKS
from pixset.datasets.catalogue import decisions, families, images, measurements, searches
from pixset.datasets.catalogue import placements as placing
from pixset.datasets.catalogue.families import MemberRow
from pixset.datasets.project import Project
from pixset.scraper.models import Candidate, Query

LABELS = 10
DRAWN = 64  # pictures whose measurements are used again and again


def drawn(number: int) -> bytes:
    patches = np.random.default_rng(number).integers(0, 256, (24, 32, 3)).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(patches).resize((320, 240), Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


def fill(project: Project, pictures: int) -> None:
    """One sighting a picture; a fifth are out as copies, all that are kept are placed."""
    known = [look(drawn(number)) for number in range(DRAWN)]
    # One picture in ten has findings, as drawn; the others are as unsuspicious as photographs.
    sound = {c.name: c.threshold * (2 if c.direction == "below" else 0.5) for c in CHECKS.values()}
    known = [one if n % 10 == 0 else replace(one, scores=sound) for n, one in enumerate(known)]
    words, made = random.Random(0), versions()
    shas = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(pictures)]
    with project.open_catalogue(create=True) as cat, cat.transaction():
        asked = [
            searches.SearchRecord(
                f"label{n}", "bing", searches.canonical(Query(f"t{n}")), f"t{n}", 9
            )
            for n in range(LABELS)
        ]
        for search in asked:
            searches.begin_search(cat, search)
        for number, sha in enumerate(shas):
            search = asked[number % LABELS]
            path = f"images/{search.label}/{sha[:16]}.jpg"
            images.add_image(cat, images.ImageRecord(sha, path, 40_000, "jpg"))
            url = (
                f"https://cdn{number % 500}.example.org/{'a' * words.randint(40, 90)}/{number}.jpg"
            )
            preview = f"https://tse{number % 4}.mm.bing.net/th?id=OIP.{sha[:30]}&pid=Api&w=300"
            page = f"https://www.example{number % 500}.org/{'b' * words.randint(20, 60)}"
            claim = Candidate("bing", sha[:40], number // LABELS + 1, url, preview, page, "T" * 45)
            searches.record_sighting(cat, search, claim, preview)
            fate = images.Fate(
                preview, "http", sha256=sha, status=200, final_url=preview,
                content_type="image/jpeg", last_modified="Thu, 26 Nov 2026 05:33:24 GMT",
            )  # fmt: skip
            images.record_fate(cat, fate)
            images.attach(cat, search, claim.key, claim.rank, sha, "preview")
            measurements.put_facts(cat, replace(known[number % DRAWN], sha256=sha), made)
        for search in asked:
            searches.end_search(cat, search, "exhausted", "")
        out = [number for number in range(pictures) if number % 5 == 4]
        families.put_members(
            cat,
            [
                MemberRow(sha, sha, shas[n - 1], "copy" if n % 5 == 4 else "maybe", 2, 3, 4.0)
                if n % 5 in (2, 4)
                else MemberRow(sha, sha)
                for n, sha in enumerate(shas)
            ],
        )
        detail = {"relation": "copy", "phash": 2, "dhash": 3, "difference": 4.0}
        decisions.record_verdicts(
            cat,
            [
                decisions.Verdict(
                    shas[n], "drop", "rule", "duplicate", {"keeper": shas[n - 1], **detail}
                )
                for n in out
            ],
            what="dedupe",
        )
        placing.put_placements(
            cat,
            [
                placing.Placement(
                    sha,
                    f"label{n % LABELS}",
                    "val" if n % 10 == 0 else "train",
                    f"x/{sha[:16]}.jpg",
                )
                for n, sha in enumerate(shas)
                if n % 5 != 4
            ],
        )


def command(*words: str) -> tuple[float, float]:
    """Wall seconds and peak MB of one command."""
    start = time.perf_counter()
    code = (
        "import sys, resource; from pixset.datasets.cli import app\n"
        "try: app(sys.argv[1:], standalone_mode=False)\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *words], capture_output=True, text=True, check=True
    )
    return time.perf_counter() - start, int(done.stderr.split()[-1]) / 1024


def review(root: Path) -> dict[str, float]:
    """Seconds to the first page (the process's start included), and after a keep; peak MB."""
    start = time.perf_counter()
    code = (
        "import sys; from pathlib import Path; from pixset.datasets.project import Project\n"
        "from pixset.datasets.review import serve\nimport resource\n"
        "with serve(Project.open(Path(sys.argv[1]))) as page:\n"
        "    print(page.url, flush=True); sys.stdin.readline()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-P", "-c", code, str(root)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        url = process.stdout.readline().strip()

        def ask(path: str, said: object = None) -> dict[str, object]:
            origin = url.rsplit("/", 2)[0]
            request = urllib.request.Request(
                url + path,
                None if said is None else json.dumps(said).encode(),
                {"Origin": origin, "Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request) as answer:
                body = answer.read()
            return json.loads(body) if path else {}

        ask("")
        ask("api/summary")
        page = ask("api/page?view=val&count=120")
        opened = time.perf_counter() - start
        entries = page["entries"]
        assert isinstance(entries, list)
        start = time.perf_counter()
        ask("api/say", {"do": "keep", "shas": [entries[0]["sha"]]})
        ask("api/page?view=val&count=120")
        kept = time.perf_counter() - start
        process.stdin.write("\n")
        process.stdin.flush()
        memory = int(process.stdout.readline()) / 1024
    return {"first page s": opened, "after a keep s": kept, "MB": memory}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = chosen.keep or Path(folder) / "dataset"
        project = Project(root)
        if not project.catalogue.is_file():
            fill(project, chosen.pictures)
        with project.open_catalogue() as cat:
            cat.shrink()
            thumbs = int(cat.value("SELECT sum(length(rest)) FROM thumb") or 0)
        size = project.catalogue.stat().st_size
        print(f"{chosen.pictures} pictures: {size / chosen.pictures:.0f} bytes a picture, "
              f"{thumbs / chosen.pictures:.0f} of them thumbs")  # fmt: skip
        print("status: {:.2f} s, {:.0f} MB".format(*command("status", str(root))))
        print({name: round(value, 2) for name, value in review(root).items()})
    print(f"this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
