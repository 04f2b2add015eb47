"""`X-Robots-Tag`: whether a host keeps its pictures out of datasets.

The grammar (Google's page on robots meta tags) is `[agent:] directive, directive …`, where a
directive may have a value after a colon of its own. Hosts write it with blanks or semicolons
for commas, several to a line and several lines. A doubtful line counts as an opt-out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

AGENT = "pixset"
OPT_OUTS = frozenset({"noai", "noimageai", "noindex", "noimageindex", "none"})
_EVERYBODY = frozenset({"*", "all", "any", "robots", AGENT})

# What the vendors document (Google, Bing, Yandex, DeviantArt); the first four have a value.
_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_DIRECTIVES = frozenset(
    [
        *(*OPT_OUTS, *_VALUED, "all", "index", "follow", "archive", "nofollow", "noarchive"),
        *("nocache", "nosnippet", "notranslate", "noodp", "noydir", "nopreview", "noyaca"),
        *("nositelinkssearchbox", "indexifembedded", "imageindex", "noimages"),
    ]
)
_PART = re.compile(r"[^,;]+")
_WORD = re.compile(r"[a-z0-9_*-]+")  # noai/noimageai are two
_AGENT = re.compile(r"\s*([a-z*][^\s:]*)\s*:\s*([a-z0-9_*/-]*)")


def opted_out(lines: Iterable[str]) -> bool:
    """Whether X-Robots-Tag lines keep a picture out, for everybody or for this agent by name."""
    return any(_line_opts_out(line.lower()) for line in lines)


def _line_opts_out(line: str) -> bool:
    """An agent's name holds to the end of its line, or to the next agent's name."""
    meant = True
    for part in _PART.findall(line):
        name = _agent(part)
        if name is not None:
            meant = name.partition("/")[0] in _EVERYBODY
        if meant and not OPT_OUTS.isdisjoint(_WORD.findall(part)):
            return True
    return False


def _agent(part: str) -> str | None:
    """The agent whom a part of a line names, or None.

    A name counts as an agent's only where a directive follows it: `max-snippet: -1` names
    no agent, nor does `price: high`, whatever that may mean.
    """
    found = _AGENT.match(part)
    if found is None or found[1] in _DIRECTIVES or found[2] not in _DIRECTIVES:
        return None
    return found[1]
