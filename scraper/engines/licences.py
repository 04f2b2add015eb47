"""Open licences: their names, and what they permit.

A licence is known by its deed's address, else by its name; what is neither a Creative Commons
licence nor a mark of the public domain permits nothing here, whatever it says itself.
"""

from __future__ import annotations

import re

_PUBLIC_DOMAIN = frozenset({"cc0", "pdm"})
_NAMES = {"cc0": "CC0", "pdm": "Public Domain Mark"}
_DEED = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<licence>by(?:-nc)?(?:-nd|-sa)?)|"
    r"publicdomain/(?P<mark>zero|mark))(?:/|$)",
    re.IGNORECASE,
)
_NAME = re.compile(r"\bcc[ -](by(?:-nc)?(?:-nd|-sa)?)(?!-?[a-z])", re.IGNORECASE)
_FREE = re.compile(r"\bcc[ -]?(?:0|zero)\b", re.IGNORECASE)
_MARKED = re.compile(r"\b(?:public domain|pdm|pd)\b", re.IGNORECASE)


def licence_name(code: str, version: str = "") -> str:
    """A licence's usual name: `by-sa`, `4.0` → CC BY-SA 4.0."""
    name = _NAMES.get(code.lower()) or f"CC {code.upper()}"
    return f"{name} {version}".strip()


def licence_code(name: str | None, url: str | None = None) -> str | None:
    """Creative Commons' code (by, by-nc-sa, cc0, pdm …) of a licence; None for any other."""
    if found := _DEED.search(url or ""):
        return found["licence"].lower() if found["licence"] else _mark(found["mark"])
    name = name or ""
    if _FREE.search(name):
        return "cc0"
    if found := _NAME.search(name):
        return found[1].lower()
    return "pdm" if _MARKED.search(name) else None


def permits(code: str | None, wanted: str) -> bool:
    """Whether a licence permits what the filter `licence` asks for."""
    if code is None:
        return False
    parts = set(code.split("-"))
    return {
        "creative-commons": code != "pdm",
        "public-domain": code in _PUBLIC_DOMAIN,
        "share": True,
        "share-commercially": "nc" not in parts,
        "modify": "nd" not in parts,
        "modify-commercially": not parts & {"nc", "nd"},
    }[wanted]


def _mark(word: str) -> str:
    return "cc0" if word.lower() == "zero" else "pdm"
