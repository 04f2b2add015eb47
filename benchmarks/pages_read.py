"""The table of saved pages: results expected (counted by markers) against results found.

Run: .venv/bin/python benchmarks/pages_read.py FOLDER    (the folder that holds pages/)
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from pixset.scraper.engines.inspect_page import inspect_page

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    folder = Path(sys.argv[1])
    table = (ROOT / "tests/scraper/expected/pages.toml").read_text(encoding="utf-8")
    print(
        "| page | outcome expected / read | results expected / found "
        "| originals | sizes | on topic |"
    )
    print("|---|---|---|---|---|---|")
    for name, wanted in tomllib.loads(table).items():
        seen = inspect_page(folder / "pages" / name, name.partition("/")[0])
        page, share = seen.page, seen.on_topic
        originals = sum(bool(c.image_url) for c in page.candidates)
        sizes = sum(c.claimed_size is not None for c in page.candidates)
        print(
            f"| {name.removesuffix('.html')} | {wanted['outcome']} / {page.outcome.value} "
            f"| {wanted.get('candidates', 0)} / {len(page.candidates)} "
            f"| {wanted.get('with_image_url', 0)} / {originals} "
            f"| {wanted.get('with_size', 0)} / {sizes} "
            f"| {'' if share is None else f'{share:.0%}'} |"
        )


if __name__ == "__main__":
    main()
