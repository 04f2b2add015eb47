"""A recipe's TOML text changed to say another recipe, with tomlkit: comments and order stay.

Each part of the new recipe is compared with the same part of the old one, and only what differs is
set, added or removed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.items import Table

from .models import Asked, Expand, Label, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from tomlkit import TOMLDocument

    from ...scraper.models import Filters
    from ..split import Ratios

    _Keys = MutableMapping[str, Any]

_HEAD = "# What was asked for; pixset reads it, and adds what later commands ask for.\n"


def new_text(recipe: Recipe) -> str:
    """The text of a recipe that has none yet."""
    return edited(_HEAD, Recipe(""), recipe)


def edited(text: str, old: Recipe, new: Recipe) -> str:
    """`text`, which says `old`, as it says `new`."""
    document = tomlkit.parse(text)
    _set(document, _top(old), _top(new))
    _set_targets(document, old, new)
    for name, part in _sections(new).items():
        _set_table(document, (name,), _sections(old)[name], part)
    for label in old.labels:
        if new.label(label.slug) is None:
            del document["label"][label.slug]
    for label in new.labels:
        _set_label(document, (old, old.label(label.slug)), (new, label))
    return tomlkit.dumps(document)


def _top(recipe: Recipe) -> dict[str, object]:
    """The top-level keys; None where a key says nothing that is not so by default."""
    plain = Recipe("")
    names = (
        "description", "seed", "source", "limit", "reserve", "engines", "ambiguous",
        "exclude_hosts",
    )  # fmt: skip
    values: dict[str, object] = {
        name: None if (value := getattr(recipe, name)) == getattr(plain, name) else value
        for name in names
    }
    return {"name": recipe.name or None, **values, "confusable": recipe.confusable or None}


def _sections(recipe: Recipe) -> dict[str, dict[str, object]]:
    """Every section but the labels, with None as in `_top`."""
    plain = Recipe("")
    expand = {
        one.name: None if (value := getattr(recipe.expand, one.name)) == one.default else value
        for one in fields(Expand)
    }
    split: dict[str, object] = {
        "ratio": None if recipe.split == plain.split else _ratio(recipe.split),
        "conflict": None if recipe.conflict == plain.conflict else recipe.conflict,
        "drop_moments": recipe.drop_moments or None,
    }
    output: dict[str, object] = {
        "size": recipe.size,
        "max_side": recipe.max_side,
        "pad": recipe.pad or None,
    }
    checks: dict[str, object] = {**recipe.checks, **dict.fromkeys(recipe.checks_off, False)}
    return {
        "filters": _given(recipe.filters),
        "expand": expand,
        "split": split,
        "output": output,
        "checks": dict(sorted(checks.items())),
    }


def _given(filters: Filters) -> dict[str, object]:
    return {one.name: getattr(filters, one.name) for one in fields(filters)}


def _ratio(ratios: Ratios) -> str:
    exact = all(share * 100 == int(share * 100) for share in ratios.shares().values())
    return str(ratios) if exact else "/".join(str(share) for share in ratios.shares().values())


def _set(table: _Keys, old: Mapping[str, object], new: Mapping[str, object]) -> None:
    """Set, add and remove the keys of which `new` says something else than `old`."""
    for key in {**old, **new}:
        value = new.get(key)
        if value == old.get(key):
            continue
        if value is None:
            table.pop(key, None)
        else:
            table[key] = _item(value)


def _set_table(
    parent: _Keys, path: Sequence[str], old: Mapping[str, object], new: Mapping[str, object]
) -> None:
    """The same for the table at `path`, which is made where it is missing and not empty."""
    if all(new.get(key) == old.get(key) for key in {**old, **new}):
        return
    for name in path:
        if name not in parent:
            parent[name] = tomlkit.table(is_super_table=name != path[-1])
        parent = parent[name]
    _set(parent, old, new)


def _set_targets(document: _Keys, old: Recipe, new: Recipe) -> None:
    """Let `per_class` say the target of most labels that take theirs from it."""
    shared = document.get("per_class")
    if shared is None:
        return
    taking = [one for one in new.labels if "target" not in document["label"].get(one.slug, ())]
    targets = Counter(label.target for label in taking)
    if taking and None not in targets:
        document["per_class"] = targets.most_common(1)[0][0]
        return
    del document["per_class"]
    for label in old.labels:
        if label.target is not None:
            document["label"][label.slug].setdefault("target", label.target)


def _set_label(
    document: TOMLDocument, before: tuple[Recipe, Label | None], after: tuple[Recipe, Label]
) -> None:
    (old_recipe, old), (recipe, new) = before, after
    there = old or Label(new.slug)
    if new.slug not in document.get("label", ()):
        # Appended to the document, so that it stands last also where labels lie scattered.
        added = tomlkit.table(is_super_table=True)
        added.append(new.slug, tomlkit.table())
        document.append("label", added)
    table = document["label"][new.slug]
    if isinstance(table, Table) and table.is_super_table():
        # It gets a head of its own, to which tomlkit would copy the comment of its first part.
        table.trivia.comment = table.trivia.comment_ws = ""
    known_keys = _label_keys(there) | (
        {"target": document.get("per_class")} if "target" not in table else {}
    )
    _set(table, known_keys, _label_keys(new))
    known = {stratum.name for stratum in new.strata}
    free = [asked for asked in new.queries if asked.stratum not in known]
    if free or not new.strata or "queries" in table:
        was = [
            asked for asked in there.queries if asked.stratum not in {s.name for s in there.strata}
        ]
        _set_queries(table, (was, old_recipe.filters), (free, recipe.filters))
    _set_strata(table, there, new, (old_recipe.filters, recipe.filters))
    _set_table(table, ("translations",), there.translations, new.translations)


def _label_keys(label: Label) -> dict[str, object]:
    keys = ("name", "definition", "target", "exclude")
    return {key: getattr(label, key) or None for key in keys}


def _set_strata(table: _Keys, old: Label, new: Label, filters: tuple[Filters, Filters]) -> None:
    before = {stratum.name: stratum for stratum in old.strata}
    for name in before.keys() - {stratum.name for stratum in new.strata}:
        del table["strata"][name]
    if "strata" in table and not new.strata:
        del table["strata"]
    for stratum in new.strata:
        if "strata" not in table:
            table["strata"] = tomlkit.table(is_super_table=True)
        strata = table["strata"]
        if stratum.name not in strata:
            strata[stratum.name] = tomlkit.table()
        known = before.get(stratum.name)
        former = {"share": known.share, "cap": known.cap} if known else {}
        part = strata[stratum.name]
        _set(part, former, {"share": stratum.share, "cap": stratum.cap})
        was = [asked for asked in old.queries if asked.stratum == stratum.name] if known else []
        now = [asked for asked in new.queries if asked.stratum == stratum.name]
        _set_queries(part, (was, filters[0]), (now, filters[1]))


def _set_queries(
    table: _Keys,
    old: tuple[Sequence[Asked], Filters],
    new: tuple[Sequence[Asked], Filters],
) -> None:
    """Change the list of queries entry by entry, so that the comments between them stay."""
    if "queries" not in table:
        array = tomlkit.array()
        table["queries"] = array
        array.multiline(bool(new[0]))
        old = ((), old[1])
    array = table["queries"]
    before = [(asked.query, _entry(asked, old[1])) for asked in old[0]]
    wanted = {asked.query: _entry(asked, new[1]) for asked in new[0]}
    for place in range(len(before) - 1, -1, -1):
        query, entry = before[place]
        if query not in wanted:
            del array[place]
        elif wanted[query] != entry:
            array[place] = _item(wanted[query])
    known = {query for query, _ in before}
    for query, entry in wanted.items():
        if query not in known:
            array.append(_item(entry))


def _entry(asked: Asked, common: Filters) -> object:
    """A query as its file says it: its term, or a table where it has more of its own."""
    own = {
        key: value
        for key, value in _given(asked.query.filters).items()
        if value is not None and value != getattr(common, key)
    }
    own |= {key: value for key in ("share", "limit") if (value := getattr(asked, key)) is not None}
    return {"term": asked.query.term, **own} if own else asked.query.term


def _item(value: object) -> Any:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, inner in value.items():
            table[key] = _item(inner)
        return table
    if isinstance(value, tuple):
        return [_item(one) for one in value]
    return value
