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


WHOLE = f"() => {_KEY} ? {_KEY}.whole() : null"
CHANGES = f"(tiles) => {_KEY} ? {_KEY}.changes(tiles) : null"
PLAIN = "() => document.documentElement ? document.documentElement.outerHTML : ''"
# Where nothing is waited between two steps, a step ends when the browser has drawn it, so that
# lazy pictures load on the way; a window that is not drawn answers by the timer.
SCROLL = f"""(share, drawn) => new Promise((done) => {{
  const reading = {_KEY};
  if (reading) reading.scroll(share);
  const answer = () => {{
    clearTimeout(timer);
    done(reading ? reading.extent() : [false, 0]);
  }};
  const timer = setTimeout(answer, drawn ? 120 : 0);
  if (drawn) requestAnimationFrame(() => requestAnimationFrame(answer));
}})"""
GROWS = f"""(tiles, height, grace) => new Promise((done) => {{
  if ({_KEY}) {_KEY}.grows(tiles, height, grace, done);
  else setTimeout(() => done(true), grace);
}})"""
SETTLE = f"""(patience) => new Promise((done) => {{
  if ({_KEY}) {_KEY}.settle(patience, done);
  else done([]);
}})"""
VISIBLE = f"""(css) => {{
  const found = {_KEY} ? {_KEY}.everywhere(css) : document.querySelectorAll(css);
  for (const node of found) {{
    const box = node.getBoundingClientRect();
    const style = getComputedStyle(node);
    if (box.width > 1 && box.height > 1 && style.visibility !== "hidden" && !node.disabled
        && style.pointerEvents !== "none") return node;
  }}
  return null;
}}"""
SEES = f"(css) => ({VISIBLE})(css) !== null"
# Where to press, in pixels of the window; null where nothing matches. What something lies over
# (a banner) is pressed at once, by its own click handler: the answer is empty.
AIM = f"""(css) => {{
  const node = ({VISIBLE})(css);
  if (!node) return null;
  node.scrollIntoView({{ block: "center", behavior: "instant" }});
  const box = node.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  if (node.contains(node.getRootNode().elementFromPoint(x, y))) return [x, y];
  node.click();
  return [];
}}"""
STATUS = """() => {
  const entry = performance.getEntriesByType("navigation")[0];
  return entry && entry.responseStatus ? entry.responseStatus : null;
}"""
# Where the browser shows its own page in place of a server's answer, what stands on it.
ERROR_PAGE = """() => /^(chrome-error:|about:neterror)/.test(document.URL)
  ? document.body?.innerText || "no answer" : null"""
