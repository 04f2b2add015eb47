"""How a page of results can look differently: where its tiles name their previews.

The page's own script does the rest (`scrolling.js`): recycled nodes, shadow roots, blobs.
"""

from __future__ import annotations

import re
from functools import partial

from .markup import BLUR

_PREVIEW = re.compile(r"<img\b[^>]*\bpxi\b[^>]*>")
_SOURCE = re.compile(r' (?:data-)?src="(?P<url>(?!data:)[^"]+)"')
_PLACEHOLDER = re.compile(r' src="data:image/gif[^"]*"')


def reshape(html: str, shapes: frozenset[str]) -> str:
    """Write each tile's preview where the shapes want it; the first of them that does wins."""
    for name, write in _WRITERS.items():
        if name in shapes:
            return _PREVIEW.sub(partial(_moved, write), html)
    return html


def _moved(write: str, found: re.Match[str]) -> str:
    image = found[0]
    source = _SOURCE.search(image)
    if source is None:  # a script puts an inline picture there
        return image
    bare = _PLACEHOLDER.sub("", _SOURCE.sub("", image))
    return write.format(start=bare[:-1], url=source["url"])


_WRITERS = {
    "srcset": '{start} srcset="{url} 1x">',
    "lazy-srcset": '{start} data-srcset="{url} 1x">',
    "picture": '<picture><source srcset="{url}">{start}></picture>',
    "background": '<div class="pxi pxb" style="background-image:url(&quot;{url}&quot;)"></div>',
    "blob": '{start} data-blob="{url}">',
    "blurred": f'{{start}} src="{BLUR}" data-src="{{url}}">',
}
