"""Contact sheets of a folder's pairs, to be looked at: what goes, what is asked, what is near.

    python benchmarks/pair_sheets.py FOLDER OUT [--count 40]

Writes dropped.png (pairs of keeper and dropped copy, any), review.png (pairs that a person is asked
about, evenly over the queue, with why) and kept.png (the pairs nearest by pHash and dHash that
are neither: two pictures that both stay, and nobody is asked).
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageOps
from pixset.curation import Facts, find_families, look_all
from pixset.curation.duplicates.candidates import candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixset.curation import Families

SIDE, LINE = 150, 14


def sheet(pairs: Sequence[tuple[Path, Path, str]], out: Path, across: int = 4) -> None:
    rows = (len(pairs) + across - 1) // across
    whole = Image.new("RGB", (across * (2 * SIDE + 8), max(1, rows) * (SIDE + LINE)), "white")
    draw = ImageDraw.Draw(whole)
    for number, (one, two, words) in enumerate(pairs):
        x, y = number % across * (2 * SIDE + 8), number // across * (SIDE + LINE)
        draw.text((x, y), f"{number} {words}"[:48], fill="black")
        for place, path in enumerate((one, two)):
            with Image.open(path) as picture:
                part = ImageOps.contain(picture.convert("RGB"), (SIDE, SIDE))
            whole.paste(part, (x + place * SIDE, y + LINE))
    whole.save(out)


def nearest_kept(facts: Sequence[Facts], found: Families) -> list[tuple[str, str, int]]:
    """Pairs of digests that both stay and are not asked about, with bits apart, nearest first."""
    dropped = found.dropped()
    asked = {frozenset((doubt.keeper, doubt.other)) for doubt in found.review}
    near = candidates(facts)
    pairs = []
    for left, right in zip(near.left.tolist(), near.right.tolist(), strict=True):
        one, two = facts[left], facts[right]
        bits = sum(
            (one.fingerprints[kind] ^ two.fingerprints[kind]).bit_count()
            for kind in ("phash", "dhash")
        )
        pair = frozenset((one.sha256, two.sha256))
        if not pair & dropped.keys() and pair not in asked:
            pairs.append((one.sha256, two.sha256, bits))
    return sorted(pairs, key=lambda pair: pair[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=40)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    paths = sorted(path for path in options.folder.rglob("*") if path.is_file())
    facts = {one.sha256: (one, path) for path, one in look_all(paths) if isinstance(one, Facts)}
    looked = [one for one, _ in facts.values()]
    found = find_families(looked, read=lambda sha: facts[sha][1].read_bytes())
    dropped = sorted(found.dropped().items())
    random.Random(0).shuffle(dropped)
    gone = [(facts[keeper][1], facts[sha][1], "") for sha, keeper in dropped]
    asked = [
        (facts[doubt.keeper][1], facts[doubt.other][1], f"{doubt.likeness:.2f} {doubt.why}")
        for doubt in found.review
    ]
    step = max(1, len(asked) // options.count)
    sheet(gone[: options.count], options.out / "dropped.png")
    sheet(asked[::step][: options.count], options.out / "review.png")
    kept = [
        (facts[one][1], facts[two][1], f"{bits} bits")
        for one, two, bits in nearest_kept(looked, found)[: options.count]
    ]
    sheet(kept, options.out / "kept.png")
    moments = sum(m.relation == "moment" for family in found.families for m in family.members)
    print(f"{len(facts)} pictures, {len(dropped)} dropped, {len(asked)} to review, "
          f"{moments} moments")  # fmt: skip


if __name__ == "__main__":
    main()
