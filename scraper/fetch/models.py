"""The values of a fetch: what may be spent on it, what is asked for, and what came."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UsageError


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much one fetch may take; seconds and bytes. UsageError for workers or tries below 1.

    `proxy` is one's URL, the environment's where None; `contact` (an address) goes into the
    User-Agent. `deadline` covers name look-ups, redirects, retries and the body; `max_bytes`
    holds for the bytes as they come and again for what they unpack to. `connect_timeout` is one
    address's, `read_timeout` the longest silence; `max_tries` is how often one page of a chain of
    redirects is asked.
    """

    max_bytes: int = 50_000_000
    max_redirects: int = 20  # as many as browsers follow
    deadline: float = 30.0
    connect_timeout: float = 10.0
    read_timeout: float = 15.0
    max_tries: int = 3
    allow_private: bool = False
    honour_robots_tag: bool = True
    workers: int = 16
    per_host: int = 4
    proxy: str | None = None
    contact: str | None = None

    def __post_init__(self) -> None:
        for name in ("workers", "per_host", "max_tries"):
            if getattr(self, name) < 1:  # none would ever be asked, or waited for without end
                raise UsageError(f"{name}={getattr(self, name)}: expected 1 or more")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture's bytes as they came, and what its host says of them."""

    url: str
    final_url: str
    data: bytes
    extension: str
    content_type: str | None = None
    status: int | None = None
    x_robots_tag: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to fetch; `token` is the caller's own and comes back untouched."""

    url: str
    referer: str | None = None
    token: object = None
