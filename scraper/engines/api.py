"""What engines with an API have in common: their manners, and reading JSON by its facts.

Such an engine is a file as any other's, with `parse` for JSON; it is asked over HTTP, without a
browser.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .licences import licence_code, permits
from .parsing.block_pages import PageMarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..models import Candidate, Filters, Outcome
    from .facts import EngineFacts

# An answer in JSON has no landmarks.
NO_MARKS = PageMarks(
    consent_hosts=(),
    consent="",
    captcha_paths=(),
    captcha="",
    blocked="",
    search_box="",
    nothing="",
    signs="",
    pictures="",
)
_DEEP = 12  # steps of a dotted name


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where an access token comes from: an environment variable, or a client's name and secret.

    The two are sent to `path` (OAuth 2, client credentials), which answers with a token.
    """

    variable: str
    client_id: str
    client_secret: str
    path: str

    def is_set(self, environ: Mapping[str, str]) -> bool:
        """Whether the environment names a token, or a client that is given one."""
        given = {name for name, value in environ.items() if value.strip()}
        return self.variable in given or {self.client_id, self.client_secret} <= given


@dataclass(frozen=True, slots=True)
class ApiManners:
    """How an API wants to be asked: `gap` seconds lie between two requests.

    `wants_contact`: its User-Agent has to name whom to write to. `most` is how many results of a
    term it shows, `most_anonymous` how many to a visitor without a token, where that sees less;
    `anonymous` says so in a few words.
    """

    gap: float = 1.0
    wants_contact: bool = False
    token: TokenSource | None = None
    most: int | None = None
    most_anonymous: int | None = None
    anonymous: str = ""

    def shown(self, environ: Mapping[str, str]) -> int | None:
        """How many results of a term this visitor is shown at the most; None where not known."""
        if self.most_anonymous is None or (self.token and self.token.is_set(environ)):
            return self.most
        return self.most_anonymous


@dataclass(frozen=True, slots=True)
class ApiFault:
    """An error that an answer tells of; `passes` where waiting helps."""

    outcome: Outcome
    detail: str
    passes: bool = False


@dataclass(frozen=True, slots=True)
class ApiResult:
    """One result's JSON, read by the names that an engine's facts give."""

    data: Any
    facts: EngineFacts

    def value(self, name: str) -> Any:
        """What stands under the first of a name's spellings; dots lead deeper, None for nothing."""
        for spelling in self.facts.names[name].split():
            found = walk(self.data, spelling)
            if found not in (None, "", [], {}):
                return found
        return None

    def text(self, name: str) -> str:
        """A text or number as text; nothing for anything else."""
        found = self.value(name)
        is_plain = isinstance(found, str | int | float) and not isinstance(found, bool)
        # JSON may spell halves of letters.
        return str(found).encode("utf-8", "replace").decode("utf-8") if is_plain else ""


def walk(data: Any, path: str) -> Any:
    """The value under a dotted path of keys and places (`imageinfo.0.url`), or None."""
    for step in path.split(".")[:_DEEP]:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def ranked(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Results ranked from 1 in their order, each key once."""
    first: dict[str, Candidate] = {}
    for one in found:
        first.setdefault(one.key, one)
    return tuple(replace(one, rank=rank) for rank, one in enumerate(first.values(), 1))


def read_json(text: str) -> dict[str, Any] | None:
    """The object that a text is; None for anything else."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return None
    try:
        data = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def fits(candidate: Candidate, filters: Filters) -> bool:
    """Whether a result is what was asked for, as far as its source states licence and size.

    A result without a licence does not fit a search for a licence.
    """
    if filters.licence is not None:
        code = licence_code(candidate.licence, candidate.licence_url)
        if not permits(code, filters.licence):
            return False
    size = candidate.claimed_size
    return filters.min_size is None or size is None or min(size) >= filters.min_size
