"""What each tool would remove from one folder of pictures, and what that costs.

A generator makes the folder: photographs in five versions each, single photographs, drawn products
in colourways, logos, text pages, and plain tones, 2,930 files in all, the same on every machine
with the same photographs. Then pixset and its peers, each with its own default rule, say what they
would remove. Counted are the superfluous files removed, the items lost (every file of them on the
list), the originals given up for a lesser version (anything but a lossless one of the same size),
seconds by the clock and of all processors, and the largest process's memory.

    python benchmarks/end_to_end.py make PHOTOS OUT          # PHOTOS: any folder of 700 photographs
    python benchmarks/end_to_end.py run OUT pixset           # with pixset's own Python
    python benchmarks/end_to_end.py run OUT imagededup --python /tmp/peers/imagededup/bin/python
    python benchmarks/end_to_end.py both PHOTOS [--imagededup PYTHON] [--cleanvision PYTHON]

Peers: pip install imagededup (first torch==2.13.0, the CPU build) | cleanvision | difPy | fastdup,
each in an environment of its own.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from removing_tools import MAIN, TOOLS

PHOTOS, SINGLES, PRODUCTS, LOGOS, PAGES, BLANKS = 400, 300, 300, 250, 60, 20
TEXT = (
    "the quick brown fox jumps over lazy dog data image price total amount letter report chapter "
    "figure table north river window paper garden music history winter summer number street"
)
WORDS = TEXT.split()


# --- the folder ---------------------------------------------------------------------------------


def make(photos: Path, out: Path) -> None:
    from PIL import Image

    out.mkdir(parents=True)
    rows: list[tuple[str, str, str, int]] = []  # worth: 2 the original, 1 as good, 0 lesser

    def add(kind: str, item: str, version: str, data: bytes, extension: str) -> None:
        # Names are digests: no tool is helped or hurt by the order of a listing.
        name = hashlib.sha1(f"{item}/{version}".encode()).hexdigest()[:12] + extension
        (out / name).write_bytes(data)
        whole = version == "original" or (version, extension) == ("format", ".png")
        rows.append((name, item, kind, int(version == "original") + int(whole)))

    sources = distinct_photos(photos)
    if len(sources) < PHOTOS + SINGLES:
        raise SystemExit(f"{photos}: {len(sources)} usable photographs; {PHOTOS + SINGLES} wanted")
    for number, path in enumerate(sources[: PHOTOS + SINGLES]):
        add("photo", f"photo{number}", "original", path.read_bytes(), path.suffix.lower())
        if number < PHOTOS:
            with Image.open(path) as image:
                upright = image.convert("RGB")
            for version, data, extension in versions(upright, random.Random(number)):
                add("photo", f"photo{number}", version, data, extension)
    for number in range(PRODUCTS):
        add("product", f"product{number}", "original", encoded(product(number), "JPEG"), ".jpg")
    for number in range(LOGOS):
        add("logo", f"logo{number}", "original", encoded(logo(number), "PNG"), ".png")
    for number in range(PAGES):
        add("page", f"page{number}", "original", encoded(page(number), "JPEG"), ".jpg")
    for number in range(BLANKS):
        add("blank", f"blank{number}", "original", encoded(blank(number), "JPEG"), ".jpg")
    with truth_path(out).open("w", newline="") as stream:
        csv.writer(stream).writerows([("file", "item", "kind", "worth"), *rows])
    print(f"{len(rows)} files, {len({row[1] for row in rows})} items")


def truth_path(out: Path) -> Path:
    return out.with_name(out.name + ".truth.csv")


def distinct_photos(folder: Path) -> list[Path]:
    """Photographs of at least 150 px a side, none a near-duplicate of another, shuffled."""
    import imagehash
    from PIL import Image

    kept: list[tuple[Path, object]] = []
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg"})
    for path in paths:
        with Image.open(path) as image:
            if min(image.size) < 150 or image.mode != "RGB" or image.getexif().get(274, 1) != 1:
                continue
            bits = imagehash.phash(image)
        if all(bits - other > 10 for _, other in kept):
            kept.append((path, bits))
    chosen = [path for path, _ in kept]
    random.Random(4).shuffle(chosen)
    return chosen


def versions(image, chance):
    """Four more files of one photograph: smaller, other format, squeezed square, edited."""
    from PIL import ImageDraw, ImageEnhance, ImageOps

    scale = chance.uniform(0.3, 0.9)
    small = image.resize((round(image.width * scale), round(image.height * scale)))
    yield "smaller", encoded(small, "JPEG", chance.randint(40, 90)), ".jpg"
    kind = chance.choice(["WEBP", "GIF", "PNG"])
    yield "format", encoded(image, kind, 80), f".{kind.lower()}"
    side = min(300, *image.size)
    yield "square", encoded(image.resize((side, side)), "JPEG", 85), ".jpg"
    edit = chance.choice(["border", "crop", "bright", "stamp", "gray"])
    if edit == "border":
        edge = round(0.04 * min(image.size))
        edited = ImageOps.expand(image, edge, chance.choice(["white", "black"]))
    elif edit == "crop":
        x, y = round(0.03 * image.width), round(0.03 * image.height)
        edited = image.crop((x, y, image.width - x, image.height - y))
    elif edit == "bright":
        edited = ImageEnhance.Brightness(image).enhance(chance.choice([0.85, 1.15]))
    elif edit == "stamp":
        edited = image.copy()
        ImageDraw.Draw(edited).text(
            (0.6 * image.width, 0.9 * image.height), "example.com", fill="white", font=font(20)
        )
    else:
        edited = image.convert("L").convert("RGB")
    yield edit, encoded(edited, "JPEG", chance.randint(70, 92)), ".jpg"


def product(number: int):
    """One of 60 drawn shapes on white, in one of five colours; the label differs too."""
    from PIL import Image, ImageDraw

    shape, colour = random.Random(f"shape{number // 5}"), random.Random(f"colour{number}")
    image = Image.new("RGB", (800, 800), "white")
    draw = ImageDraw.Draw(image)
    fill = tuple(colour.randint(20, 235) for _ in range(3))
    dark = tuple(value * 2 // 3 for value in fill)
    width, height = shape.randint(90, 260), shape.randint(180, 300)
    box = (400 - width, 400 - height, 400 + width, 400 + height)
    kind = shape.choice(["bottle", "box", "mug", "ball"])
    if kind == "ball":
        draw.ellipse(box, fill=fill, outline=dark, width=6)
    elif kind == "mug":
        draw.ellipse((box[2] - 60, 320, box[2] + 90, 520), outline=dark, width=28)
        draw.rounded_rectangle(box, 30, fill=fill, outline=dark, width=6)
    else:
        draw.rounded_rectangle(box, 20 if kind == "box" else 80, fill=fill, outline=dark, width=6)
    if kind == "bottle":
        draw.rectangle((360, box[1] - 80, 440, box[1] + 20), fill=dark)
    draw.rectangle((430 - width, 380, 370 + width, 480), fill="white", outline=dark, width=3)
    draw.text((440 - width, 400), colour.choice(WORDS).upper(), fill=dark, font=font(44))
    return image.resize((500, 500), Image.Resampling.LANCZOS)


def logo(number: int):
    """One of 50 marks with one of five words below it."""
    from PIL import Image, ImageDraw

    mark = random.Random(f"mark{number // 5}")
    word = mark.sample(WORDS, 5)[number % 5]
    image = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(mark.randint(1, 3)):
        x, y, side = mark.randint(90, 250), mark.randint(20, 90), mark.randint(50, 120)
        fill = tuple(mark.randint(0, 230) for _ in range(3))
        mark.choice([draw.ellipse, draw.rectangle])((x, y, x + side, y + side), fill=fill)
    draw.text((110, 220), word.title(), fill="black", font=font(48))
    return image


def page(number: int):
    from PIL import Image, ImageDraw

    chance = random.Random(f"page{number}")
    image = Image.new("RGB", (620, 820), (250, 250, 248))
    draw = ImageDraw.Draw(image)
    for line in range(26):
        text = " ".join(chance.choice(WORDS) for _ in range(9))[:52]
        draw.text((50, 50 + 28 * line), text, fill=(30, 30, 30), font=font(20))
    return image


def blank(number: int):
    from PIL import Image

    chance = random.Random(f"blank{number}")
    return Image.new("RGB", (300, 300), tuple(chance.randint(0, 255) for _ in range(3)))


def font(size: int):
    from PIL import ImageFont

    return ImageFont.load_default(size)


def encoded(image, kind: str, quality: int = 88) -> bytes:
    out = io.BytesIO()
    options = {} if kind in {"PNG", "GIF"} else {"quality": quality}
    image.save(out, kind, **options)
    return out.getvalue()


def run(folder: Path, tool: str, python: str) -> None:
    body = "\n".join("    " + line for line in TOOLS[tool].strip().splitlines())
    script = folder.with_name(f"{folder.name}.{tool}.py")
    script.write_text(MAIN.format(body=body))
    start = time.perf_counter()
    words = [python, "-P", script, folder]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
        said = running.stdout.read() if running.stdout else ""
        _, status, used = os.wait4(running.pid, 0)  # this one's, not that of all that ran before
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{tool} ended with {running.returncode}")
    spent = time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
    removed = set(json.loads(said.splitlines()[-1]))
    report(folder, tool, removed, spent)


def report(folder: Path, tool: str, removed: set[str], spent: tuple[float, float, float]) -> None:
    seconds, processor, memory = spent
    with truth_path(folder).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    items = defaultdict(list)
    for row in rows:
        items[row["item"]].append(row)
    superfluous = sum(len(files) - 1 for files in items.values())
    gone = done_right = originals = 0
    lost: dict[str, int] = defaultdict(int)
    for files in items.values():
        count = sum(row["file"] in removed for row in files)
        gone += count == len(files)
        lost[files[0]["kind"]] += count == len(files)
        done_right += min(count, len(files) - 1)
        kept = [row["worth"] for row in files if row["file"] not in removed]
        original = next(row["file"] for row in files if row["worth"] == "2")
        originals += original in removed and bool(kept) and max(kept) == "0"
    kinds = ", ".join(f"{count} {kind}" for kind, count in lost.items() if count)
    print(
        f"| {tool} | {done_right} of {superfluous} | {gone} ({kinds or 'none'}) "
        f"| {originals} of {PHOTOS} | {seconds:.1f} s | {processor:.1f} s | {memory:.2f} GB |"
    )
    missing = removed - {row["file"] for row in rows}
    if missing:
        raise SystemExit(f"{tool} named files that are not there: {sorted(missing)[:3]}")


def compare(photos: Path, folder: Path, options: dict[str, str | None]) -> None:
    """Make the folder; a row for pixset and for each peer whose interpreter is given."""
    make(photos, folder)
    print(
        "\n| tool | superfluous removed | items lost | originals given up for a lesser version "
        "| seconds | processor seconds | memory |\n|---|---|---|---|---|---|---|",
        flush=True,
    )
    run(folder, "pixset", sys.executable)
    for tool, python in options.items():
        if tool in TOOLS and python:
            try:
                run(folder, tool, python)
            except SystemExit as error:
                print(f"| {error} | | | | | | |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("photos", type=Path)
    making.add_argument("out", type=Path)
    running = commands.add_parser("run")
    running.add_argument("out", type=Path)
    running.add_argument("tool", choices=TOOLS)
    running.add_argument("--python", default=sys.executable)
    both = commands.add_parser("both", help="make a folder, run pixset and the peers given")
    both.add_argument("photos", type=Path)
    for tool in ("imagededup", "cleanvision"):
        both.add_argument(f"--{tool}")
    options = parser.parse_args()
    if options.command == "make":
        make(options.photos, options.out)
    elif options.command == "both":
        with tempfile.TemporaryDirectory() as place:
            compare(options.photos, Path(place).resolve() / "folder", vars(options))
    else:
        run(options.out.resolve(), options.tool, options.python)


if __name__ == "__main__":
    main()
