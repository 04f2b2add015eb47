"""What the ten worst pictures of our own making cost: seconds, CPU and memory, each alone.

    python benchmarks/worst_pictures.py

Each picture is looked at in a fresh process by the worker's own code, without the clock and the
cap that end a worker; memory is what the process held at its peak beyond what it held idle (Linux).
"""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOK = """
import json, resource, sys, time
from pathlib import Path
from pixset.curation.errors import Unreadable
from pixset.curation.images.batch import look_at

def peak():  # kB; the resource module's own number is inherited from the parent
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

idle, held = resource.getrusage(resource.RUSAGE_SELF), peak()
begun = time.monotonic()
try:
    look_at(Path(sys.argv[1]))
    told = "measured"
except Unreadable as error:
    told = str(error)[:60]
took = time.monotonic() - begun
used = resource.getrusage(resource.RUSAGE_SELF)
cpu = used.ru_utime + used.ru_stime - idle.ru_utime - idle.ru_stime
print(json.dumps([told, took, cpu, (peak() - held) / 1024]))
"""
Image.MAX_IMAGE_PIXELS = None


def png(width: int, height: int, depth: int, colour: int, *more: bytes) -> bytes:
    """A PNG of zeros, row by row."""
    samples = {0: 1, 2: 3, 3: 1, 6: 4}[colour]
    packer = zlib.compressobj(9)
    row = bytes(1 + (width * samples * depth + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [(b"IHDR", head), *((m[:4], m[4:]) for m in more), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """A picture's file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is there again and again."""
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).resize((2000, 2000), Image.Resampling.BICUBIC)
    data = saved(picture, "JPEG", progressive=True, quality=5)
    last = data.rfind(b"\xff\xda")
    have = data.count(b"\xff\xda")
    return data[:-2] + data[last:-2] * (count - have) + b"\xff\xd9"


def pictures() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name → file."""
    palette = b"PLTE" + bytes(768)
    yield "JPEG 640 x 480, ordinary", lambda: saved(Image.effect_noise((640, 480), 60), "JPEG")
    yield "PNG 90,000,000 x 1", lambda: png(90_000_000, 1, 8, 0)
    yield "PNG 900,000 x 100", lambda: png(900_000, 100, 8, 2)
    yield "PNG 9,990 x 9,990, 16-bit RGBA", lambda: png(9990, 9990, 16, 6)
    yield (
        "PNG 9,990 x 9,990, palette with transparency",
        lambda: png(9990, 9990, 8, 3, palette, b"tRNS" + bytes(256)),
    )
    yield "PNG 9,990 x 9,990, 16-bit gray", lambda: png(9990, 9990, 16, 0)
    yield "JPEG 2000, 9,900 x 9,900", lambda: saved(Image.new("RGB", (9900, 9900)), "JPEG2000")
    yield "progressive JPEG 2,000 x 2,000, 500 scans", lambda: scans(500)
    yield "WebP 8,000 x 8,000", lambda: saved(Image.new("RGB", (8000, 8000)), "WEBP")
    yield (
        "TIFF 9,000 x 9,000, float",
        lambda: saved(Image.new("F", (9000, 9000)), "TIFF", compression="tiff_adobe_deflate"),
    )
    yield "JPEG 9,900 x 9,900, CMYK", lambda: saved(Image.new("CMYK", (9900, 9900)), "JPEG")


def main() -> None:
    print("| picture | bytes | s | CPU s | peak MB | outcome |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        look = Path(folder) / "look.py"
        look.write_text(LOOK, "utf-8")
        file = Path(folder) / "picture"
        for name, make in pictures():
            file.write_bytes(make())
            done = subprocess.run(
                [sys.executable, "-P", str(look), str(file)],
                capture_output=True,
                text=True,
                check=True,
            )
            outcome, took, used, peak = json.loads(done.stdout)
            size = file.stat().st_size
            row = f"{name} | {size:,} | {took:.1f} | {used:.1f} | {peak:.0f} | {outcome}"
            print(f"| {row} |", flush=True)


if __name__ == "__main__":
    main()
