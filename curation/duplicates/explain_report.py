"""An explanation as text for a terminal and as one HTML page that needs no other file."""

from __future__ import annotations

import base64
import html
import io
from string import Template
from typing import TYPE_CHECKING, Final

from ..errors import Unreadable
from ..printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..images.facts import Facts
    from .explain import Explanation, Radius, ShownPair

BAR: Final = 50  # characters of the longest bar
SIDE: Final = 220  # pixels of the longer side of a picture on the page

TITLES: Final = {
    "copy": ("Copies, the least alike first", "Confirmed pixel by pixel; the second would go."),
    "moment": ("Frames of one moment", "One scene and time; kept unless moments are dropped."),
    "maybe": ("For your review, the likeliest copies first", "Both stay until reviewed."),
    "other": ("Look-alikes that are kept apart", "Close by hash; the pixels say otherwise."),
}


def as_text(explanation: Explanation) -> str:
    """Write histogram, radii, and border pairs as plain lines."""
    lines = [
        counted(explanation.pictures, "picture"),
        "",
        "nearest other picture, in bits of pHash",
    ]
    lines += _bars(explanation)
    lines += ["", "radius  pairs here  of them by chance  per 10,000 photographs"]
    for one in explanation.radii:
        mark = " *" if one.bits == explanation.used else ""
        lines.append(f"{one.bits:>6}{one.pairs:>12}  {_chance(one):<17}  {one.per_10k:.1f}{mark}")
    lines.append("* pHash proposes pairs up to here; pixels decide which are copies.")
    lines.append(_source(explanation))
    for verdict, (title, _) in TITLES.items():
        pairs = [pair for pair in explanation.border if pair.verdict == verdict]
        if pairs:
            lines += ["", title]
        for pair in pairs:
            lines.append(f"  {_distances(pair)}" + (f"  {pair.why}" if pair.why else ""))
            lines += [f"    {printable(explanation.name(one))}" for one in (pair.left, pair.right)]
    return "\n".join(lines)


def _bars(explanation: Explanation) -> Iterator[str]:
    most = max(explanation.nearest.values(), default=1)
    for bits, count in explanation.nearest.items():
        yield f"{bits:>4} {count:>7} {'#' * max(1, round(BAR * count / most))}"


def _chance(one: Radius) -> str:
    low, high = _rounded(one.low), _rounded(one.high)
    return low if low == high else f"{low} to {high}"


def _rounded(number: float) -> str:
    if number < 0.01:
        return "0"
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _distances(pair: ShownPair) -> str:
    return f"phash {pair.phash}, dhash {pair.dhash}, difference {pair.difference:.1f}"


def _source(explanation: Explanation) -> str:
    if explanation.own_curve:
        return (
            "By chance: the distances of these pictures' unrelated pairs, carried on towards small "
            "ones; first as they bend, then straight. The truth lies between."
        )
    return (
        "By chance: what 14 million pairs of real photographs showed; these pictures are too few "
        "to say."
    )


def as_html(explanation: Explanation) -> str:
    """Write the page: histogram, radii, and the pairs with their pictures inlined."""
    sections = "".join(_section(explanation, verdict) for verdict in TITLES)
    counts = {
        verdict: sum(pair.verdict == verdict for pair in explanation.border) for verdict in TITLES
    }
    return _PAGE.substitute(
        pictures=f"{explanation.pictures:,}",
        counts=(
            f"shown here: copies {counts['copy']}, moments {counts['moment']}, "
            f"to review {counts['maybe']}, "
            f"look-alikes {counts['other']}"
        ),
        histogram=_histogram(explanation),
        rows="".join(_row(one, used=one.bits == explanation.used) for one in explanation.radii),
        source=html.escape(_source(explanation)),
        sections=sections,
    )


def _row(one: Radius, *, used: bool) -> str:
    mark = ' class="used"' if used else ""
    return (
        f"<tr{mark}><td>{one.bits}</td><td>{one.pairs:,}</td><td>{_chance(one)}</td>"
        f"<td>{one.per_10k:,.1f}</td></tr>"
    )


def _histogram(explanation: Explanation) -> str:
    """Draw one bar per distance from 0 to the farthest; the proposed ones in the copies' colour."""
    used = explanation.used
    most = max(explanation.nearest.values(), default=1)
    last = max(explanation.nearest, default=0)
    width, height = 14, 150
    parts = []
    for place, bits in enumerate(range(0, max(last, used) + 1, 2)):
        count = explanation.nearest.get(bits, 0)
        tall = max(2.0, height * count / most) if count else 0.0
        x, y = 6 + place * (width + 4), height + 16 - tall
        kind = "near" if bits <= used else "far"
        parts.append(
            f'<rect class="{kind}" x="{x}" y="{y:.1f}" width="{width}" height="{tall:.1f}" rx="2">'
            f"<title>{bits} bits: {counted(count, 'picture')}</title></rect>"
        )
        if count:
            parts.append(f'<text class="count" x="{x + 7}" y="{y - 3:.1f}">{count}</text>')
        parts.append(f'<text x="{x + 7}" y="{height + 30}">{bits}</text>')
    wide = 12 + (max(last, used) // 2 + 1) * (width + 4)
    return (
        f'<svg viewBox="0 0 {wide} {height + 36}" width="{wide * 1.5:.0f}">{"".join(parts)}</svg>'
    )


def _section(explanation: Explanation, verdict: str) -> str:
    pairs = [pair for pair in explanation.border if pair.verdict == verdict]
    if not pairs:
        return ""
    title, meaning = TITLES[verdict]
    cards = "".join(_card(explanation, pair) for pair in pairs)
    return (
        f'<section class="{verdict}"><h2>{title}</h2><p>{meaning}</p>'
        f'<div class="cards">{cards}</div></section>'
    )


def _card(explanation: Explanation, pair: ShownPair) -> str:
    pictures = "".join(
        f'<figure><span><img alt="" loading="lazy" src="{_inline(explanation, one)}"></span>'
        f'<figcaption title="{html.escape(printable(explanation.name(one)))}">'
        f"{html.escape(_short(explanation.name(one)))}<br><i>{one.width} &times; {one.height} "
        f"{html.escape(one.format)}</i></figcaption></figure>"
        for one in (pair.left, pair.right)
    )
    why = f"<br>{html.escape(pair.why)}" if pair.why else ""
    return (
        f'<div class="card"><div class="pair">{pictures}</div><p>{_distances(pair)}{why}</p></div>'
    )


def _short(name: str) -> str:
    """Keep the file's own name, and of a long one the end, where it differs from the others."""
    last = printable(name).rpartition("/")[2]
    return last if len(last) <= 26 else "…" + last[-25:]


def _inline(explanation: Explanation, facts: Facts) -> str:
    """Return a picture as a data URI: from its own bytes, or the thumb in its own shape."""
    from PIL import Image

    from ..images.decode import decode
    from ..images.reading import same_bytes

    picture = None
    if explanation.read is not None:
        try:
            data = same_bytes(explanation.read(facts.sha256), facts.sha256)
            picture = decode(data, SIDE).picture
        except (OSError, Unreadable):
            picture = None  # gone or replaced since it was looked at: the thumb remembers it
    if picture is None:
        picture = Image.open(io.BytesIO(facts.thumb))
        wide, tall = facts.width, facts.height
        factor = SIDE / max(wide, tall)
        picture = picture.resize((max(1, round(wide * factor)), max(1, round(tall * factor))))
    picture.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode("ascii")


_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Near-duplicates explained</title>
<style>
:root { --ink: #1d2430; --soft: #667085; --line: #e3e6eb; --page: #f6f7f9; --card: #fff;
  --copy: #2f7d4f; --moment: #7a5aa8; --maybe: #b7791f; --other: #4a5f8a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaee; --soft: #9aa3b2; --line: #303642;
  --page: #14171c; --card: #1c2027; --copy: #56b37e;
  --moment: #b197dd; --maybe: #e0a94a; --other: #8ea5d6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 84rem; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.4rem 0 0; padding-left: .6rem; border-left: 4px solid; }
section > p { margin: .1rem 0 .8rem; padding-left: 1rem; color: var(--soft); }
.lead { color: var(--soft); margin: .2rem 0 1.4rem; }
.top { display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: stretch; }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 1rem 1.2rem; min-width: 0; }
.panel h3 { margin: 0 0 .5rem; font-size: .95rem; }
.note { color: var(--soft); font-size: .82rem; max-width: 32rem; margin: .6rem 0 0; }
svg { max-width: 100%; height: auto; }
svg text { font: 7px system-ui, sans-serif; fill: var(--soft); text-anchor: middle; }
svg .near { fill: var(--copy); } svg .far { fill: var(--other); opacity: .55; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: 600; font-size: .82rem; color: var(--soft); }
th, td { text-align: right; padding: .22rem .8rem; border-bottom: 1px solid var(--line); }
@media (max-width: 32rem) { body { padding: 1.2rem .8rem 3rem; } th, td { padding: .22rem .4rem; }
  .panel { padding: 1rem .8rem; } }
tr.used td { font-weight: 600; background: color-mix(in srgb, var(--copy) 12%, transparent); }
.copy h2 { border-color: var(--copy); } .maybe h2 { border-color: var(--maybe); }
.moment h2 { border-color: var(--moment); }
.other h2 { border-color: var(--other); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr));
  gap: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  overflow: hidden; }
.card > p { margin: 0; padding: .5rem .9rem .7rem; font-size: .85rem; color: var(--soft);
  font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1px; background: var(--line); }
figure { margin: 0; background: var(--card); min-width: 0; }
figure span { display: flex; align-items: center; justify-content: center; height: 190px;
  background: color-mix(in srgb, var(--line) 45%, var(--card)); }
img { max-width: 100%; max-height: 190px; display: block; }
figcaption { font-size: .78rem; padding: .35rem .6rem; white-space: nowrap;
  overflow: hidden; line-height: 1.35; }
figcaption i { color: var(--soft); font-style: normal; }
</style>
<h1>Near-duplicates explained</h1>
<p class="lead">$pictures pictures · $counts</p>
<div class="top">
<div class="panel"><h3>How far each picture is from its nearest other one</h3>$histogram
<p class="note">Bits of 64 in which the two pHashes differ. Green: close enough to be looked at
pixel by pixel.</p></div>
<div class="panel"><h3>What a radius would propose</h3>
<table><tr><th>pHash ≤</th><th>pairs here</th><th>of them by chance</th>
<th>by chance in 10,000 photographs</th></tr>$rows</table>
<p class="note">$source A radius only proposes; pixels decide.</p></div>
</div>
$sections
</html>
""")
