"""Foreign words (queries, titles, licences) in Markdown: shown as they are, acting as nothing.

A card is rendered by Hugging Face and by editors: a query must not become a link, a picture or a
script there, nor break a table.
"""

from __future__ import annotations

import re

from ...curation.printable import printable

# An underscore within a word (not_pizza) is no emphasis.
_SIGNS = re.compile(r"([\\`*\[\]<>#!|~$]|(?<!\w)_|_(?!\w))")
# Bare addresses become links by themselves where Markdown is GitHub's.
_LINKS = re.compile(r"(?i)(?<=:)//|(?<=www)\.|@")


def inert(text: str) -> str:
    """One line of foreign text, every sign that Markdown or HTML would act on escaped."""
    line = printable(" ".join(text.split())).replace("&", "&amp;")
    escaped = _SIGNS.sub(r"\\\1", line).replace("\\<", "&lt;").replace("\\>", "&gt;")
    return _LINKS.sub(lambda found: "\\" + found[0], escaped)


def without_html(text: str) -> str:
    """Markdown of the recipe's author, in which no tag or entity acts."""
    lines = (printable(line) for line in text.split("\n"))
    return "\n".join(line.replace("&", "&amp;").replace("<", "&lt;") for line in lines)
