"""What a page has loaded and the browser still holds: pictures, by their address as the page
spells it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urldefrag

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a browser leaves as it is in an address; everything else it percent-encodes.
_KEPT = "%/:=&?~#+!$,;'@()*[]|"


@dataclass(slots=True)
class LoadedPictures:
    """The pictures of one document. Before anything is known of it, every picture may be there."""

    known: bool = False
    _addresses: set[str] = field(default_factory=set)

    def forget_all(self) -> None:
        """Begin with a new document."""
        self._addresses.clear()

    def add(self, addresses: Iterable[str]) -> None:
        """Remember pictures that have arrived."""
        self._addresses.update(addresses)

    def forget(self, address: str) -> None:
        """Forget a picture that the browser no longer has."""
        self._addresses.discard(address)

    def spelling(self, url: str) -> str | None:
        """Return the address under which the picture arrived, None if it has not."""
        if not self.known:
            return url
        bare = urldefrag(url).url
        for spelling in (url, bare, quote(bare, safe=_KEPT)):
            if spelling in self._addresses:
                return spelling
        return None
