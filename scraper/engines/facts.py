"""What an engine's pages and addresses are made of, as data: what `engines.toml` may repair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .parsing.block_pages import PageMarks

if TYPE_CHECKING:
    from collections.abc import Callable

Texts = Mapping[str, str]
# Hosts and paths of block pages are addresses, which a repair does not touch.
MARKS = tuple(one.name for one in fields(PageMarks) if not one.name.endswith(("hosts", "paths")))


def _frozen(given: Texts) -> Texts:
    return MappingProxyType(dict(given))


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """One engine's facts. `selectors` are CSS; `tiles`, `more` and `reject` are every engine's.

    `names` are attributes, JSON keys and parameters that carry what a result says; of several
    names with blanks between them the first that is there counts. `parameters` are the query's
    in the address. `marks` tell block pages and signs of results.
    """

    selectors: Texts
    names: Texts
    parameters: Texts
    marks: PageMarks

    def __post_init__(self) -> None:
        for name in ("selectors", "names", "parameters"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))

    def first(self, name: str, source: Mapping[str, str] | Callable[[str], str | None]) -> str:
        """The value of the first of a name's spellings that `source` has, or nothing."""
        get = source.get if isinstance(source, Mapping) else source
        return next((value for one in self.names[name].split() if (value := get(one))), "")

    def repaired(self, tables: Mapping[str, Any]) -> EngineFacts:
        """These facts with some replaced; raises UsageError, one line, for what is no fact."""
        known = {name: getattr(self, name) for name in ("selectors", "names", "parameters")}
        marks = {name: getattr(self.marks, name) for name in MARKS}
        changed: dict[str, Any] = {}
        for table, given in tables.items():
            there = {**known, "marks": marks}.get(table)
            if there is None:
                raise UsageError(f"{table}: expected one of {', '.join((*known, 'marks'))}")
            if not isinstance(given, Mapping):
                raise UsageError(f"{table}: expected a table, as in [engine.{table}]")
            for name, value in given.items():
                if name not in there:
                    known_names = ", ".join(sorted(there))
                    raise UsageError(f"{table}.{name}: no such fact; known: {known_names}")
                _check(f"{table}.{name}", value, css=table in {"selectors", "marks"})
            if table == "marks":
                changed["marks"] = replace(self.marks, **given)
            else:
                changed[table] = {**there, **given}
        return replace(self, **changed)


def _check(where: str, value: object, *, css: bool) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > 4000:
        raise UsageError(f"{where}: expected some text")
    if css:
        from selectolax.lexbor import LexborHTMLParser, SelectolaxError

        closed = all(value.count(a) == value.count(b) for a, b in ("()", "[]"))
        tree = LexborHTMLParser("<p>")
        try:  # it is asked for both by itself and within others
            for selector in (value, f":is({value})" if closed else "("):
                tree.css_first(selector)
        except (SelectolaxError, ValueError) as error:
            raise UsageError(f"{where}: no CSS selector: {value!r}") from error
