"""The same task for other packages from PyPI: 300 pictures of one term, from one Bing-shaped site.

    python benchmarks/peers_scraping.py [--venvs DIR]

Each peer is installed, unchanged, into a virtual environment of its own, and runs with its
documented call. What it asks of https://www.bing.com is answered by the replica's Bing, by
rewriting that origin in its HTTP client (urllib's opener, requests' adapter): no line of the
peer is changed. Peers speak plain HTTP, so Bing's fragment addresses are all they need; their
Google parts are left out, because Google has not served plain HTTP clients since January 2025.

The replica is as life is: it shows 600 results, some with the same picture again; of the
originals 10 in 100 want their source page as Referer, 5 are dead, 3 are HTML named .jpg. All
pictures are drawn before the clock starts. pixset drives its browser (pace none).

simple_image_download cannot be pointed at a replica: it looks for the literal `"https://` in
the page's text, and the replica is plain HTTP. AutoCrawler is no package.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixset.scraper.replica import Replica

TERM, ASKED, SHOWN = "pizza", 300, 600

URLLIB = """
import sys, urllib.request
site, folder, asked = sys.argv[1], sys.argv[2], int(sys.argv[3])
class Pointed(urllib.request.HTTPSHandler):
    def https_open(self, request):
        told = dict(request.header_items())
        url = request.full_url.replace("https://www.bing.com", site + "/bing")
        return urllib.request.urlopen(urllib.request.Request(url, None, told), timeout=60)
urllib.request.install_opener(urllib.request.build_opener(Pointed))
"""
REQUESTS = """
import sys, requests.adapters
site, folder, asked = sys.argv[1], sys.argv[2], int(sys.argv[3])
class Pointed(requests.adapters.HTTPAdapter):
    def send(self, request, **options):
        request.url = request.url.replace("https://www.bing.com", site + "/bing")
        return super().send(request, **options)
"""
PEERS = {
    "icrawler": REQUESTS
    + """
from icrawler.builtin import BingImageCrawler
crawler = BingImageCrawler(storage={"root_dir": folder}, log_level=50,
                           feeder_threads=1, parser_threads=2, downloader_threads=8)
crawler.session.mount("https://www.bing.com", Pointed())
crawler.crawl(keyword="pizza", max_num=asked)
""",
    "bing-image-downloader": URLLIB
    + """
from bing_image_downloader import downloader
downloader.download("pizza", limit=asked, output_dir=folder, verbose=False)
""",
    "better-bing-image-downloader": URLLIB
    + """
from better_bing_image_downloader import downloader
downloader("pizza", limit=asked, output_dir=folder, verbose=False, max_workers=8)
""",
}


def installed(name: str, venvs: Path) -> Path:
    """The Python of a peer's own environment."""
    home = venvs / name
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", name], check=True)
    return python


def version(python: Path, name: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    return subprocess.check_output([str(python), "-c", code], text=True).strip()


def site() -> Replica:
    from pixset.scraper.replica import Faults, serve

    replica = serve(per_term=SHOWN, faults=Faults(referer=0.1, dead=0.05, html=0.03))
    for result in replica.listing("bing", TERM).results:
        replica.original(result.picture)
    for result in replica.listing("bing", TERM).results:
        replica.preview(result.picture, "bing")
    return replica


def measure(name: str, command: list[str], replica: Replica, folder: Path) -> dict[str, object]:
    """Run and count: files, those that are pictures, different ones."""
    from pixset.scraper.fetch.formats import sniff

    start = time.monotonic()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=900, check=False, cwd=folder
        )
        ended = "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]
    except subprocess.TimeoutExpired:
        ended = "still running after 900 s"
    seconds = time.monotonic() - start
    kinds = (".jpg", ".jpeg", ".png", ".webp", ".gif")
    kept = folder / "set" / "images"  # beside it, pixset keeps inline previews to fall back on
    found = (kept if kept.exists() else folder).rglob("*")
    files = [path.read_bytes() for path in found if path.suffix in kinds]
    pictures = [data for data in files if sniff(data)]
    truth = replica.truth()["searches"][0]
    return {
        "tool": name,
        "asked": ASKED,
        "shown": truth["shown"],
        "files": len(files),
        "no pictures": len(files) - len(pictures),
        "different pictures": len({sha256(data).digest() for data in pictures}),
        "seconds": round(seconds, 1),
        "asked twice": sum(count > 1 for count in replica.requests().values()),
        "note": ended,
    }


def pixset(source: str, replica: Replica, folder: Path) -> list[str]:
    return [
        sys.executable, "-P", "-m", "pixset.datasets", "scrape", "--term", TERM, "--engine", "bing",
        "--limit", str(ASKED), "--source", source, "--replica", replica.url, "--pace", "none",
        "--headless", "--into", str(folder / "set"),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--venvs", type=Path, default=Path(tempfile.gettempdir()) / "pixset-peers")
    venvs = parser.parse_args().venvs
    rows = []
    for name, code in PEERS.items():
        python = installed(name, venvs)
        with tempfile.TemporaryDirectory() as folder, site() as replica:
            command = [str(python), "-c", code, replica.url, folder, str(ASKED)]
            called = f"{name} {version(python, name)}"
            rows.append(measure(called, command, replica, Path(folder)))
            print(json.dumps(rows[-1]), flush=True)
    for source in ("original", "preview"):
        with tempfile.TemporaryDirectory() as folder, site() as replica:
            command = pixset(source, replica, Path(folder))
            rows.append(measure(f"pixset --source {source}", command, replica, Path(folder)))
            print(json.dumps(rows[-1]), flush=True)
    keys = list(rows[0])
    print("| " + " | ".join(keys) + " |\n|" + "---|" * len(keys))
    for row in rows:
        print("| " + " | ".join(str(row[key]) for key in keys) + " |")


if __name__ == "__main__":
    main()
