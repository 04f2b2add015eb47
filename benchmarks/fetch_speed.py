"""How fast is `pixset fetch`, beside img2dataset, from one and the same server?

    .venv/bin/python benchmarks/fetch_speed.py [--pictures 5000 20000] [--runs 3]

A server of its own process answers on 50 loopback addresses (127.0.0.1 to .50, so 50 hosts) with
JPEGs of 50 KB, each unlike the others, over connections that stay open. Whole commands are
timed, start to end, in turn. `pixset fetch` does all that it always does: a fate on record for
each address, digests compared, files by rename, then the training tree with its manifest and
checksums. img2dataset writes files without encoding them anew, with the numbers of processes
and threads that were best for it on this machine among those given by --peer-processes and
--peer-threads. CPU time is the command's and its children's; memory is the peak of the
largest process. img2dataset is installed into `--peer-home` on the first run, pinned.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from command import LAUNCHER, pixset
from growth import said
from PIL import Image
from pixset.datasets.catalogue import searches
from pixset.datasets.project import Project
from pixset.scraper.models import Candidate, Query

HOSTS = 50
SIZE = 50_000
_TAIL = 20  # hex digits that make a picture its own, in a comment before its end


def picture() -> bytes:
    """A JPEG of exactly SIZE bytes whose last comment is to be filled in."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
    image = np.asarray(coarse.resize((640, 480), Image.Resampling.BICUBIC)).astype(np.int16)
    image = np.clip(image + rng.integers(-9, 9, (480, 640, 1)), 0, 255).astype(np.uint8)
    for quality in range(95, 20, -1):
        file = BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=quality)
        data = file.getvalue()
        if len(data) < SIZE - 100:
            break
    # Before the scan: what follows a JPEG's end would be cut off by the tree.
    room = SIZE - len(data) - 4
    comment = b"\xff\xfe" + (room + 2).to_bytes(2, "big") + b"0" * room
    return data[:2] + comment + data[2:]


def numbered(base: bytes, number: int) -> bytes:
    """The picture of a number."""
    return base[:6] + b"%020d" % number + base[6 + _TAIL :]


class _Server(asyncio.Protocol):
    """Answers every GET at once; one instance a connection."""

    base = b""

    def __init__(self) -> None:
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            path = self._got[: self._got.find(b"\r\n")].split(b" ")[1]
            self._got = self._got[end + 4 :]
            number = int(path[1 : path.index(b".")])
            head = (
                b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % SIZE
            )
            self._transport.write(head + numbered(self.base, number))  # type: ignore[attr-defined]


def serve(base: bytes, ready: multiprocessing.connection.Connection) -> None:
    """The server's process."""
    _Server.base = base

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Server, "0.0.0.0", 0, backlog=4096)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command cost: seconds of wall and CPU, peak MB, pictures that came."""

    wall: float
    cpu: float
    peak: float
    came: int


def timed(words: list[str], folder: Path) -> tuple[float, float, float]:
    """Run a command to its end: seconds of wall and of CPU, and peak MB."""
    small = [sys.executable, "-I", "-S", "-c", LAUNCHER, *words]
    with (folder / "log.txt").open("wb") as log:
        subprocess.run(small, stdout=log, stderr=log, cwd=folder, check=True)
    said_last = (folder / "log.txt").read_text(errors="replace")
    status, wall, cpu, peak = said_last.splitlines()[-1].split()
    if int(status):
        raise SystemExit(f"{words[:3]} failed:\n{said_last[-3000:]}")
    return float(wall), float(cpu), float(peak)


def empty(home: Path) -> None:
    """An empty folder, and a file system at rest.

    ext4 without a journal looks past each inode that was given up in the last seconds: a run right
    behind the deletion of the one before took up to twice its CPU time, in the kernel.
    """
    if home.exists():
        shutil.rmtree(home)
        os.sync()
        time.sleep(6)  # until those inodes are no longer looked past
    home.mkdir()


def fetch(manifest: Path, home: Path) -> Cost:
    """One run of `pixset fetch`."""
    empty(home)
    words = [sys.executable, "-P", "-m", "pixset.datasets", "fetch", str(manifest)]
    cost = timed([*words, "--into", str(home / "got"), "--allow-private"], home)
    return Cost(*cost, sum(1 for _ in (home / "got" / "ready").rglob("*.jpg")))


BRING = """
import sys
from pathlib import Path
from pixset.curation.progress import silent
from pixset.datasets.collect.downloads import Downloader
from pixset.datasets.project import Project
from pixset.datasets.recipe import Recipe
from pixset.scraper.fetch import FetchLimits, fetch_all
project = Project(Path(sys.argv[1]))
with project.open_catalogue() as cat:
    Downloader(project, cat, Recipe("speed"), "original", fetch_all).run(
        FetchLimits(allow_private=True), silent, None
    )
"""


def bring(urls: Path, home: Path) -> Cost:
    """The pass of `scrape --source original` that brings what the searches found."""
    empty(home)
    project = Project(home / "dataset")
    search = searches.SearchRecord("class0", "bing", searches.canonical(Query("t")), "t", asked=9)
    with project.open_catalogue(create=True) as cat, cat.transaction():
        searches.begin_search(cat, search)
        for number, url in enumerate(urls.read_text("utf-8").split()):
            found = Candidate("bing", str(number), number + 1, url, None)
            searches.record_sighting(cat, search, found, None)
    cost = timed([sys.executable, "-P", "-c", BRING, str(project.root)], home)
    return Cost(*cost, sum(1 for _ in project.images.rglob("*.jpg")))


def peer(python: Path, urls: Path, home: Path, processes: int, threads: int) -> Cost:
    """One run of img2dataset."""
    empty(home)
    words = [str(python.with_name("img2dataset")), "--url_list", str(urls), "--output_folder"]
    words += [str(home / "got"), "--output_format", "files", "--resize_mode", "no"]
    words += ["--skip_reencode", "True", "--enable_wandb", "False", "--compute_hash", "sha256"]
    words += ["--processes_count", str(processes), "--thread_count", str(threads)]
    cost = timed([*words, "--number_sample_per_shard", "1000"], home)
    return Cost(*cost, sum(1 for _ in (home / "got").rglob("*.jpg")))


def peer_python(home: Path) -> Path:
    """The interpreter of the peer's own environment, made on the first run."""
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        needs = Path(__file__).parent / "peers" / "img2dataset.txt"
        words = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(needs)]
        subprocess.run(words, check=True)
    return python


def lists(count: int, base: bytes, port: int, folder: Path) -> tuple[Path, Path]:
    """A manifest for pixset and a list of addresses for the peer, of the same pictures."""
    manifest, urls = folder / f"{count}.jsonl", folder / f"{count}.txt"
    rows, lines = [], []
    for number in range(count):
        url = f"http://127.0.0.{number % HOSTS + 1}:{port}/{number}.jpg"
        digest = hashlib.sha256(numbered(base, number)).hexdigest()
        row = {"id": digest[:16], "label": f"class{number % 10}", "image_url": url}
        row["split"] = "val" if number % 5 == 0 else "train"
        rows.append(json.dumps(row | {"source_sha256": digest, "transform": "max1024;q90"}))
        lines.append(url)
    manifest.write_text("\n".join(rows) + "\n", "utf-8")
    urls.write_text("\n".join(lines) + "\n", "utf-8")
    return manifest, urls


def help_cpu() -> float:
    """CPU seconds that any command of pixset's takes before it does something."""
    return pixset("--help").cpu


def middle(costs: list[Cost]) -> Cost:
    """The run of median wall time."""
    return sorted(costs, key=lambda cost: cost.wall)[len(costs) // 2]


def line(name: str, count: int, cost: Cost, beside: Cost | None) -> None:
    """Print one row of the table."""
    ratio = f"{beside.wall / cost.wall:.2f}" if beside else ""
    print(
        f"| {count:,} | {name} | {cost.came:,} | {cost.wall:.1f} | {cost.cpu:.1f} |"
        f" {1000 * cost.cpu / count:.2f} | {cost.peak:.0f} | {ratio} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, nargs="*", default=[5000, 20_000])
    parser.add_argument("--alone", type=int, nargs="*", default=[1000, 50_000], help="pixset only")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-home", type=Path, default=Path(".venv/peers/img2dataset"))
    parser.add_argument("--peer-processes", type=int, nargs="+", default=[2])
    parser.add_argument("--peer-threads", type=int, nargs="+", default=[16, 64])
    given = parser.parse_args()
    python = peer_python(given.peer_home.resolve()) if given.pictures else None
    base = picture()
    assert len(base) == SIZE
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(base, theirs), daemon=True)
    server.start()
    port = ours.recv()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("\n| pictures | command | came | wall s | CPU s | CPU ms a picture | peak MB | faster |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="pixset-speed-") as name:
        folder = Path(name)
        for count in given.pictures:
            assert python is not None
            manifest, urls = lists(count, base, port, folder)
            settings = [(p, t) for p in given.peer_processes for t in given.peer_threads]
            beside = {one: [peer(python, urls, folder / "peer", *one)] for one in settings}
            best = min(beside, key=lambda one: beside[one][0].wall)
            own = [fetch(manifest, folder / "own")]
            for _ in range(given.runs - 1):  # in turn
                beside[best].append(peer(python, urls, folder / "peer", *best))
                own.append(fetch(manifest, folder / "own"))
            theirs_cost = middle(beside[best])
            line(f"img2dataset, {best[0]} processes, {best[1]} threads", count, theirs_cost, None)
            line("pixset fetch", count, middle(own), theirs_cost)
            brought = bring(urls, folder / "bring")
            line("the bring pass of `scrape --source original`", count, brought, theirs_cost)
        alone: dict[int, Cost] = {}
        for count in given.alone:
            manifest, _ = lists(count, base, port, folder)
            alone[count] = fetch(manifest, folder / "own")
            line("pixset fetch", count, alone[count], None)
        if alone:
            spent = {count: cost.cpu - help_cpu() for count, cost in alone.items()}
            few, many = min(alone), max(alone)
            more = 1000 * (alone[many].peak - alone[few].peak) / max(1, many - few)
            print(f"\n- {said('`pixset fetch`, CPU beyond --help', spent)}")
            print(f"- memory from {few:,} to {many:,} addresses: {more:.2f} KB an address")
    server.terminate()


if __name__ == "__main__":
    main()
