"""The few lines of JavaScript that the browser is asked to run in a page."""

from __future__ import annotations

import json
from pathlib import Path

_PAGE, _SHOWN = (
    Path(__file__).with_name(name).read_text("utf-8").rstrip() for name in ("page.js", "shown.js")
)
_KEY = 'window[Symbol.for("pixset.reading")]'


def observer(tiles: str) -> str:
    """Return the script that installs the observer; `tiles` finds the nodes that hold a result."""
    return f"({_PAGE})({json.dumps(tiles)}, () => {_SHOWN})"


WHOLE = f"return {_KEY} ? {_KEY}.whole() : null"
CHANGES = f"return {_KEY} ? {_KEY}.changes(arguments[0]) : null"
PLAIN = "return document.documentElement ? document.documentElement.outerHTML : ''"
# Where nothing is waited between two steps, a step ends when the browser has drawn it, so that
# lazy pictures load on the way; a window that is not drawn answers by the timer.
SCROLL = """
const [share, drawn, done] = arguments;
const page = document.scrollingElement || document.documentElement
  || { scrollTop: 0, scrollHeight: 0 }; // a document may have no root
window.scrollBy(0, share * window.innerHeight);
const answer = () => {
  clearTimeout(timer);
  done([page.scrollTop + window.innerHeight >= page.scrollHeight - 2, page.scrollHeight]);
};
const timer = setTimeout(answer, drawn ? 120 : 0);
if (drawn) requestAnimationFrame(() => requestAnimationFrame(answer));
"""
GROWS = f"""
const [tiles, height, grace, done] = arguments;
if ({_KEY}) {_KEY}.grows(tiles, height, grace, done);
else setTimeout(() => done(document.documentElement?.scrollHeight > height + 2), grace);
"""
SETTLE = f"""
const [patience, done] = arguments;
if ({_KEY}) {_KEY}.settle(patience, done);
else done([]);
"""
VISIBLE = f"""
const found = {_KEY} ? {_KEY}.everywhere(arguments[0]) : document.querySelectorAll(arguments[0]);
for (const node of found) {{
  const box = node.getBoundingClientRect();
  const style = getComputedStyle(node);
  if (box.width > 1 && box.height > 1 && style.visibility !== "hidden" && !node.disabled
      && style.pointerEvents !== "none") return node;
}}
return null;
"""
STATUS = """
const entry = performance.getEntriesByType("navigation")[0];
return entry && entry.responseStatus ? entry.responseStatus : null;
"""
