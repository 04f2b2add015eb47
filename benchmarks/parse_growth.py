"""How parsing grows with the page: CPU time at 250, 500, 1,000 and 2,000 results an engine.

Pages are synthetic, in the engines' markup, with a base64 thumbnail of 8 kB for every second
result (set by script for Google and Bing). `whole` parses one page of n results; `news` parses
the same results as they come, in fragments of 50 tiles with their scripts; `again` is what a
loop costs that reads the whole page anew after every 50 results.

Run: nice -n 10 .venv/bin/python benchmarks/parse_growth.py
"""

from __future__ import annotations

import base64
import json
import random
import statistics
import time
from html import escape

from growth import said
from pixset.scraper.engines import ENGINES

SIZES = (250, 500, 1000, 2000)
STEP = 50
ROUNDS = 5
GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def picture(number: int) -> str:
    payload = random.Random(number).randbytes(6000)  # 8 kB in base64, as a thumbnail has
    return "data:image/jpeg;base64," + base64.b64encode(payload).decode()


def google(number: int) -> str:
    key, page = f"key{number:011d}", f"https://site{number % 97}.example/page/{number}"
    thumb = f"https://encrypted-tbn0.gstatic.com/images?q\\u003dtbn:ANd9GcQ{number:050d}\\u0026s"
    row = (
        f'[1,[0,"{key}",["{thumb}",183,275],["https://img.example/{number}.jpg",800,1200],null,0,'
        f'"rgb(1,2,3)",null,0,{{"2000":[null,"x.example","1MB"],"2003":[null,"doc{number}","{page}",'
        f'"Title {number}",null,0],"2008":[null,"Title {number}"]}}]]'
    )
    tile = (
        f'<div data-docid="{key}" data-lpage="{page}"><h3><a><img id="dimg_{number}" src="{GIF}" '
        f'width="275" height="183" alt="Title {number}"></a></h3><a href="{page}"><img width="12" '
        f'height="12" src="{GIF}"><div>Site</div><div>Title {number}</div></a></div>'
    )
    shown = picture(number).replace("=", "\\x3d") if number % 2 else ""
    setter = f"(function(){{var s='{shown}';var ii=['dimg_{number}'];_setImagesSrc(ii,s);}})();"
    scripts = f"<script>var m={{{json.dumps(key)}:{row}}};</script>"
    return tile + scripts + (f"<script>{setter}</script>" if shown else "")


def bing(number: int) -> str:
    told = {"mid": f"MID{number}", "murl": f"https://img.example/{number}.jpg", "purl":
            f"https://site.example/{number}", "turl": f"https://ts1.mm.bing.net/th?id=OIP.{number}",
            "t": f"Title {number}"}  # fmt: skip
    shown = f"<script>processEmbImg('emb{number}','{picture(number)}');</script>"
    return (
        f'<li><div class="iuscp"><div class="imgpt"><a class="iusc" m="{escape(json.dumps(told))}" '
        f'href="/images/search?view=detailV2&amp;expw=1200&amp;exph=800"><img class="mimg" '
        f'id="emb{number}" src="{GIF}"></a></div></div></li>{shown if number % 2 else ""}'
    )


def yahoo(number: int) -> str:
    shown = picture(number) if number % 2 else f"https://tse1.mm.bing.net/th?id=OIP.x{number:08d}"
    return (
        f'<li class="tile" id="resitem-{number}"><a class="media-tile" '
        f'data-origurl="https://img.example/{number}.jpg" '
        f'data-referenceurl="https://site.example/{number}"><img src="{shown}" '
        'data-meta="{&quot;ow&quot;:1200,&quot;oh&quot;:800}">'
        f'<p class="tile-title">Title {number}</p></a></li>'
    )


RESULTS = {"google": google, "bing": bing, "yahoo": yahoo}


def cpu(engine: str, pages: list[str], expected: int, rounds: int = ROUNDS) -> float:
    """Median CPU seconds of parsing all pages; every result must be found."""
    parse, seconds = ENGINES[engine].parse, []
    for _ in range(rounds):
        start = time.process_time()
        found = sum(len(parse(page).candidates) for page in pages)
        seconds.append(time.process_time() - start)
        assert found == expected, (engine, found, expected)
    return statistics.median(seconds)


def main() -> None:
    print("| engine | results | page MB | whole ms | whole µs/result | news ms | again ms |")
    print("|---|---|---|---|---|---|---|")
    grown: dict[str, dict[int, float]] = {}
    for engine, draw in RESULTS.items():
        for size in SIZES:
            drawn = [draw(number) for number in range(size)]
            page = "".join(drawn)
            news = ["".join(drawn[at : at + STEP]) for at in range(0, size, STEP)]
            whole = cpu(engine, [page], size)
            fragments = cpu(engine, news, size)
            grown.setdefault(f"{engine}, one page", {})[size] = whole
            grown.setdefault(f"{engine}, its news", {})[size] = fragments
            anew = None
            if size <= SIZES[2]:  # the page after each round, from its start: once, for it is slow
                again = ["".join(drawn[: at + STEP]) for at in range(0, size, STEP)]
                anew = cpu(engine, again, sum(range(STEP, size + 1, STEP)), rounds=1)
            print(
                f"| {engine} | {size} | {len(page) / 1e6:.1f} | {whole * 1e3:.0f} "
                f"| {whole / size * 1e6:.0f} | {fragments * 1e3:.0f} "
                f"| {f'{anew * 1e3:.0f}' if anew else '-'} |",
                flush=True,
            )
    print()
    for name, seconds in grown.items():
        print(f"- {said(name, seconds)}")


if __name__ == "__main__":
    main()
