"""How drivers are downloaded: a mirror, a cache, or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Downloads:
    """How drivers are downloaded.

    `mirror` is a URL that answers for every download host: `https://host/path` is asked for
    as `mirror/host/path` (PIXSET_DRIVER_MIRROR). `cache` is webdriver-manager's folder, its
    own default where None. `allowed` False keeps to what is cached (PIXSET_DRIVER_DOWNLOAD=0).
    Proxies are read from the environment (HTTPS_PROXY, NO_PROXY), as requests does.
    """

    mirror: str | None = None
    cache: Path | None = None
    allowed: bool = True
    timeout: tuple[float, float] = (10.0, 60.0)  # connect, read; seconds

    @classmethod
    def told(cls) -> Downloads:
        """Read the environment's settings."""
        mirror = os.environ.get("PIXSET_DRIVER_MIRROR") or None
        return cls(mirror, allowed=os.environ.get("PIXSET_DRIVER_DOWNLOAD") != "0")

    def address(self, url: str) -> str:
        """Return where that URL is asked for."""
        if self.mirror is None:
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.mirror.rstrip('/')}/{parts.netloc}{parts.path}{query}"

    def cache_folder(self) -> Path:
        """Return the folder in which webdriver-manager keeps its drivers."""
        return (self.cache or Path.home()) / ".wdm"
