"""A catalogue of many pictures: bytes a picture, and how long `status` and the review page take.

    python benchmarks/catalogue_size.py [--pictures 10000 30000 100000] [--keep FOLDER]

Addresses, titles and answers have the lengths that engines and hosts give; thumbs are those of
drawn pictures, whose patches are as large as makes them the size of photographs' thumbs (2.8 KB).
Times are of whole commands, beside a recipe of ten labels; memory is their peak.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from command import Cost, pixset
from growth import said
from PIL import Image
from pixset.curation.duplicates.memory import Remembered, RememberedPair
from pixset.curation.duplicates.pair_result import Kind, PairResult
from pixset.curation.images.measure import look, versions
from pixset.curation.images.quality import CHECKS
from pixset.datasets.catalogue import decisions, families, images, measurements, searches
from pixset.datasets.catalogue import placements as placing
from pixset.datasets.catalogue.families import MemberRow
from pixset.datasets.catalogue.pairs import CataloguePairs
from pixset.datasets.project import Project
from pixset.scraper.models import Candidate, Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixset.datasets.catalogue import Catalogue

LABELS = 10
DRAWN = 64  # pictures whose measurements are used again and again


def drawn(number: int) -> bytes:
    patches = np.random.default_rng(number).integers(0, 256, (8, 11, 3)).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(patches).resize((320, 240), Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()


def fill(project: Project, pictures: int) -> None:
    """One sighting a picture; a fifth are out as copies, all that are kept are placed."""
    shas = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(pictures)]
    with project.open_catalogue(create=True) as cat, cat.transaction():
        _put_pictures(cat, shas)
        _put_copies(cat, shas)
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


def _put_pictures(cat: Catalogue, shas: list[str]) -> None:
    """Searches, and for each picture its sighting, its fate and what was measured."""
    known = [look(drawn(number)) for number in range(DRAWN)]
    # One picture in ten has findings, as drawn; the others are as unsuspicious as photographs.
    sound = {c.name: c.threshold * (2 if c.direction == "below" else 0.5) for c in CHECKS.values()}
    known = [one if n % 10 == 0 else replace(one, scores=sound) for n, one in enumerate(known)]
    words, made = random.Random(0), versions()
    asked = [
        searches.SearchRecord(f"label{n}", "bing", searches.canonical(Query(f"t{n}")), f"t{n}", 9)
        for n in range(LABELS)
    ]
    for search in asked:
        searches.begin_search(cat, search)
    for number, sha in enumerate(shas):
        search = asked[number % LABELS]
        path = f"images/{search.label}/{sha[:16]}.jpg"
        images.add_image(cat, images.ImageRecord(sha, path, 40_000, "jpg"))
        url = f"https://cdn{number % 500}.example.org/{'a' * words.randint(40, 90)}/{number}.jpg"
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


def _put_copies(cat: Catalogue, shas: list[str]) -> None:
    """Families, remembered pairs, and a verdict for every fifth picture."""
    families.put_members(
        cat,
        [
            MemberRow(sha, sha, shas[n - 1], "copy" if n % 5 == 4 else "maybe", 2, 3, 4.0)
            if n % 5 in (2, 4)
            else MemberRow(sha, sha)
            for n, sha in enumerate(shas)
        ],
    )
    # One pair a picture that is neither it nor its neighbour, and two in five that were laid
    # over one another: what `dedupe` remembers of photographs.
    CataloguePairs(cat).remember("1", Remembered(dict.fromkeys(shas, 1), _pairs(shas)), ())
    detail = {"relation": "copy", "phash": 2, "dhash": 3, "difference": 4.0}
    decisions.record_verdicts(
        cat,
        [
            decisions.Verdict(sha, "drop", "rule", "duplicate", {"keeper": shas[n - 1], **detail})
            for n, sha in enumerate(shas)
            if n % 5 == 4
        ],
        what="dedupe",
    )


def _pairs(shas: list[str]) -> Iterator[RememberedPair]:
    for n in range(1, len(shas)):
        one, two = sorted((shas[n - 1], shas[n]))
        laid = PairResult(Kind.COPY, 0.99, 4.0, "the same") if n % 5 in (2, 4) else None
        yield RememberedPair(one, two, 1, laid)


def review(root: Path) -> dict[str, float]:
    """Seconds to the first page (from the process's start on), and after a keep; peak MB."""
    start = time.perf_counter()
    code = (
        "import sys; from pathlib import Path; from pixset.datasets.project import Project\n"
        "from pixset.datasets.review import serve\nimport resource\n"
        "with serve(Project.open(Path(sys.argv[1]))) as page:\n"
        "    print(page.url, flush=True)\n"
        "    while sys.stdin.readline().strip():\n"
        "        print(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]), flush=True)\n"
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
        process.stdin.write("spent\n")
        process.stdin.flush()
        spent = float(process.stdout.readline())
        entries = page["entries"]
        assert isinstance(entries, list)
        start = time.perf_counter()
        ask("api/say", {"do": "keep", "shas": [entries[0]["sha"]]})
        ask("api/page?view=val&count=120")
        kept = time.perf_counter() - start
        process.stdin.write("\n")
        process.stdin.flush()
        memory = int(process.stdout.readline()) / 1024
    return {"first page": opened, "first page, CPU": spent, "after a keep": kept, "MB": memory}


def measured(root: Path, pictures: int) -> tuple[Cost, dict[str, float]]:
    """Fill a catalogue where there is none, and measure `status` and the review page over it."""
    project = Project(root)
    if not project.catalogue.is_file():
        fill(project, pictures)
        labels = (f'[label.label{n}]\nqueries = ["t{n}"]\n' for n in range(LABELS))
        (root / "recipe.toml").write_text("".join(labels), "utf-8")
    with project.open_catalogue() as cat:
        cat.shrink()
        # Whole pages, with what their ends leave empty.
        thumbs = int(cat.value("SELECT sum(pgsize) FROM dbstat WHERE name = 'thumb'") or 0)
    size = project.catalogue.stat().st_size
    status, page = pixset("status", root), review(root)
    print(
        f"| {pictures:,} | {(size - thumbs) / pictures:.0f} + {thumbs / pictures:.0f} |"
        f" {status.cpu:.2f} | {status.peak:.0f} | {page['first page']:.2f} |"
        f" {page['first page, CPU']:.2f} | {page['after a keep']:.2f} | {page['MB']:.0f} |",
        flush=True,
    )
    return status, page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--keep", type=Path, help="make them here, and leave them")
    chosen = parser.parse_args()
    print(
        "| pictures | bytes a picture: rows + thumbs | `status` CPU s | MB | review: first page s |"
        " CPU s | after a keep s | MB |\n|---|---:|---:|---:|---:|---:|---:|---:|"
    )
    found: dict[int, tuple[Cost, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for pictures in chosen.pictures:
            root = (chosen.keep or Path(folder)) / f"{pictures}"
            found[pictures] = measured(root, pictures)
    start = pixset("--help").cpu
    print()
    status = {pictures: max(0.01, one.cpu - start) for pictures, (one, _) in found.items()}
    print(f"- {said('`status`, CPU beyond --help', status)}")
    first = {n: max(0.01, page["first page, CPU"] - start) for n, (_, page) in found.items()}
    print(f"- {said('review, CPU beyond --help until the first page', first)}")


if __name__ == "__main__":
    main()
