"""`pixset scale` at size: what fetching in parts, curating in parts and joining in blocks cost.

    python -P benchmarks/scale.py urls 5000         fetch: loopback addresses of small pictures
    python -P benchmarks/scale.py pictures 10000    fetch, look, families, split, export
    python -P benchmarks/scale.py join 1000000      block against all; 1 M beside a self-join

`--on ray` does the same with Ray. CPU seconds are those of the command and of all processes below
it (Ray's, too), without the server's; memory is the largest process', without what it shares.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTS = 16  # loopback addresses 127.0.0.1 … 127.0.0.16
BLOCK = 250_000
RADIUS = 8
TICK = os.sysconf("SC_CLK_TCK")


def picture(number: int) -> bytes:
    """A small picture; each twentieth is a smaller copy of the one before."""
    copy = number % 20 == 19
    rng = np.random.default_rng(number - copy)
    patches = rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    whole = Image.fromarray(patches).resize((128, 96), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    (whole.resize((96, 72)) if copy else whole).save(out, "JPEG", quality=88)
    return out.getvalue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        data = picture(int(self.path.strip("/").partition(".")[0]))
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _serve(ports: Any) -> None:
    for number in range(HOSTS):
        server = ThreadingHTTPServer((f"127.0.0.{number + 1}", 0), _Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ports.put(server.server_port)
    threading.Event().wait()


@contextmanager
def listed(count: int, folder: Path) -> Iterator[Path]:
    """Serve pictures, and list their addresses under two labels."""
    ports: Any = multiprocessing.Queue()
    server = multiprocessing.Process(target=_serve, args=(ports,), daemon=True)
    server.start()
    known = [ports.get() for _ in range(HOSTS)]
    path = folder / "urls.jsonl"
    with path.open("w") as out:
        for number in range(count):
            host = number % HOSTS
            url = f"http://127.0.0.{host + 1}:{known[host]}/{number}.jpg"
            out.write(json.dumps({"url": url, "label": f"class{number // 20 % 2}"}) + "\n")
    try:
        yield path
    finally:
        server.kill()
        server.join()


@dataclass
class Cost:
    """Wall and CPU seconds, and the largest process in MB."""

    wall: float
    cpu: float
    memory: float


def measured(words: list[str]) -> Cost:
    """Run pixset; with Ray its processes are watched as long as they are there."""
    began, before = time.monotonic(), _children()
    process = subprocess.Popen([sys.executable, "-P", "-m", "pixset.datasets", *words])
    seen: dict[int, float] = {}
    most = 0.0
    while process.poll() is None:
        for pid in _tree(process.pid):
            cpu, memory = _of(pid)
            seen[pid] = max(cpu, seen.get(pid, 0.0))
            most = max(most, memory)
        time.sleep(0.2)  # a process that lives shorter is missed: Ray's live for minutes
    if process.returncode:
        raise SystemExit(process.returncode)
    wall = time.monotonic() - began
    # Ray's processes are not waited for by the driver: what was last seen of them counts.
    return Cost(wall, max(_children() - before, sum(seen.values())), most)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _tree(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(stat[1]), []).append(int(entry.name))
    found, waiting = [pid], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _of(pid: int) -> tuple[float, float]:
    """CPU seconds and resident MB of a process, shared memory left out."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        memory = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0, 0.0
    private = (int(memory[1]) - int(memory[2])) * resource.getpagesize() / 1e6
    return (int(stat[11]) + int(stat[12])) / TICK, private


def urls(count: int, on: str, until: str) -> None:
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        with listed(count, folder) as path:
            words = ["scale", "run", str(path), "--store", str(folder / "run"), "--on", on]
            cost = measured([*words, "--allow-private", "--until", until])
            again = measured([*words, "--allow-private", "--until", until])
            print(
                f"{count} pictures, {on}, until {until}: {cost.wall:.1f} s, {cost.cpu:.1f} CPU s "
                f"({cost.cpu / count * 1000:.2f} ms a picture), largest process "
                f"{cost.memory:.0f} MB; again, with nothing to do: {again.wall:.1f} s, "
                f"{again.cpu:.1f} CPU s"
            )
            if until == "fetch" and on == "local":
                alone(count, path)
        show = [sys.executable, "-P", "-m", "pixset.datasets", "scale", "status"]
        subprocess.run([*show, "--store", str(folder / "run")], check=True)
        shutil.rmtree(folder / "run")


def alone(count: int, path: Path) -> None:
    """The same addresses through `fetch_all` alone."""
    from pixset.scraper.fetch import FetchLimits, Job, fetch_all

    rows = [json.loads(line) for line in path.read_text().splitlines()]
    before = time.process_time()
    jobs = (Job(row["url"]) for row in rows)
    got = sum(1 for _ in fetch_all(jobs, FetchLimits(allow_private=True)))
    used = time.process_time() - before
    print(f"fetch_all alone: {got}, {used:.1f} CPU s ({used / count * 1000:.2f} ms a picture)")


def join_hashes(block: tuple[int, int], hashes: Any) -> tuple[Any, Any, float, float]:
    """One block against all: its pairs left < right, CPU seconds, this process' MB."""
    from pixset.curation.duplicates.hamming import join

    before = time.process_time()
    begin, end = block
    found = join(hashes[begin:end], hashes, RADIUS)
    left = found.left + begin
    once = left < found.right
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return left[once], found.right[once], time.process_time() - before, most


def joined(count: int, on: str) -> None:
    from pixset.curation.duplicates.hamming import self_join
    from pixset.datasets.scale.runner import open_runner

    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 1 << 63, count, dtype=np.uint64) * np.uint64(2)
    near = hashes[: count // 20]
    for _ in range(3):  # a twentieth lies up to three bits from another
        near = near ^ (np.uint64(1) << rng.integers(0, 64, len(near)).astype(np.uint64))
    hashes = np.unique(np.concatenate([hashes[: count - len(near)], near]))
    blocks = [(at, min(at + BLOCK, len(hashes))) for at in range(0, len(hashes), BLOCK)]
    runner = open_runner(on)
    began = time.monotonic()
    parts = list(runner.map(join_hashes, blocks, hashes))
    wall = time.monotonic() - began
    runner.close()
    keys = np.concatenate([left * len(hashes) + right for left, right, _, _ in parts])
    cpu, memory = sum(part[2] for part in parts), max(part[3] for part in parts)
    print(
        f"{len(hashes)} hashes, radius {RADIUS}, {on}, {len(blocks)} blocks: {len(keys)} pairs, "
        f"{wall:.1f} s, {cpu:.1f} CPU s of tasks, largest worker {memory:.0f} MB"
    )
    if count <= 1_000_000:
        before = time.process_time()
        whole = self_join(hashes, RADIUS)
        used = time.process_time() - before
        wanted = whole.left * len(hashes) + whole.right
        found = np.isin(wanted, keys).mean() if len(wanted) else 1.0
        print(
            f"one machine's self-join: {len(wanted)} pairs, {used:.1f} CPU s; of these the blocks "
            f"found {found:.2%}, and {len(keys) - len(wanted)} others"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["urls", "pictures", "join"])
    parser.add_argument("count", type=int)
    parser.add_argument("--on", default="local", choices=["local", "ray"])
    options = parser.parse_args()
    if options.what == "join":
        joined(options.count, options.on)
    else:
        until = "fetch" if options.what == "urls" else "export"
        urls(options.count, options.on, until)


if __name__ == "__main__":
    main()
