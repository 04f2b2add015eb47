"""A recipe for "X or not X", any X: which negatives it takes, and why.

Hard negatives are what is most like X among the things listed here; near ones share its kind;
random ones are what else is photographed. None ever holds X itself.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ...scraper.models import Query
from .. import names as slugs
from ..errors import UsageError
from .matching import contains, folded
from .models import Asked, Label, Recipe, Stratum
from .toml import find, shipped

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_NOT_PICTURES = ("logo", "clipart", "clip art", "vector", "icon", "emoji", "cartoon", "drawing")
_POSITIVE = (
    "{}", "{} photo", "{} close up", "{} real photo", "small {}", "{} outdoors", "{} at home",
    "large {}", "{} from above", "person with {}", "two {}", "old {}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Things:
    """negatives.toml: things by kind, kinds that are neighbours, things of no kind, and what a
    thing's pictures show besides."""

    kinds: Mapping[str, tuple[str, ...]]
    neighbours: tuple[frozenset[str], ...]
    anything: tuple[str, ...]
    overlaps: tuple[tuple[str, tuple[str, ...]], ...]


@cache
def known_things() -> Things:
    """What negatives are chosen from."""
    data = tomllib.loads(files(__package__).joinpath("negatives.toml").read_text("utf-8"))
    kinds = {kind: tuple(terms) for kind, terms in data["kinds"].items()}
    overlaps = (
        (
            one["term"],
            (*one.get("others", ()), *(t for k in one.get("kinds", ()) for t in kinds[k])),
        )
        for one in data["overlap"]
    )
    return Things(
        kinds, tuple(map(frozenset, data["neighbours"])), tuple(data["anything"]), tuple(overlaps)
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The recipe and one line for each thing that was decided about its negatives."""

    recipe: Recipe
    notes: tuple[str, ...]


def binary(
    positive: str,
    negatives: Sequence[str] = (),
    *,
    per_class: int | None = None,
    label: str | None = None,
    known: Collection[str] = (),
) -> Chosen:
    """The recipe for `positive` against the rest; `negatives` replaces the ones chosen here.

    `label` names the class where the positive makes no label (`train` is a split's name); `known`
    are the dataset's labels. Raises UsageError for a negative that holds the positive.
    """
    slugs.refuse_other_than_text([positive, *negatives, label or ""])
    slug = slugs.slug_of(label or positive, known)
    if slug in shipped():
        recipe = find(slug)
        notes = [f"recipe {slug!r}: comes with pixset (`pixset recipe show {slug}`)"]
        if recipe.label(slug) is None:
            recipe, notes = _template(positive, slug)
    else:
        recipe, notes = _template(positive, slug)
    if negatives:
        recipe = _given(recipe, positive, slug, negatives)
        notes = [f"negatives: {', '.join(negatives)} (as given)"]
    if per_class is not None:
        labels = tuple(replace(label, target=per_class) for label in recipe.labels)
        recipe = replace(recipe, labels=labels)
    return Chosen(recipe, tuple(notes))


def _given(recipe: Recipe, positive: str, slug: str, negatives: Sequence[str]) -> Recipe:
    for term in negatives:
        if contains(term, positive) or _joined(term) == _joined(positive):
            raise UsageError(
                f"--negative {term!r}: expected a term without the positive {positive!r}: its "
                "pictures would show what they stand against"
            )
    queries = tuple(Asked(Query(term)) for term in dict.fromkeys(negatives))
    ambiguous = tuple(a for a in recipe.ambiguous if not any(contains(n, a) for n in negatives))
    labels = tuple(
        replace(label, queries=queries, strata=()) if label.slug == f"not_{slug}" else label
        for label in recipe.labels
    )
    return replace(recipe, labels=labels, ambiguous=ambiguous)


def _template(positive: str, slug: str) -> tuple[Recipe, list[str]]:
    things = known_things()
    kinds = things.kinds
    home = next((k for k, terms in kinds.items() if _is_among(positive, terms)), None)
    hard = _without(kinds[home] if home else (), positive)
    around = [k for group in things.neighbours if home in group for k in sorted(group) if k != home]
    near = _without([kinds[k][i] for i in range(3) for k in dict.fromkeys(around)], positive)
    anything = _without(things.anything, positive)
    parts = [("hard", hard, 0.4, 0.125), ("near", near, 0.3, 0.25), ("random", anything, 0.3, 0.2)]
    there = [part for part in parts if part[1]]
    whole = sum(share for _, _, share, _ in there)
    strata = tuple(Stratum(name, round(share / whole, 4), cap) for name, _, share, cap in there)
    short = 1.0 - sum(stratum.share for stratum in strata)
    strata = (*strata[:-1], replace(strata[-1], share=round(strata[-1].share + short, 4)))
    notes = [f"{name} negatives: {', '.join(terms)}" for name, terms, _, _ in there]
    if home is None:
        notes.append(
            f"{positive!r} is of no kind that pixset knows, so there are no hard negatives: "
            "name what is taken for it with --negative, it is what makes the set worth having"
        )
    yes = Label(
        slug,
        name=positive.capitalize(),
        definition=f"{positive} as the subject of a photograph.",
        queries=tuple(Asked(Query(form.format(positive))) for form in _POSITIVE),
        exclude=_without(_NOT_PICTURES, positive),
        target=5000,
    )
    no = Label(
        f"not_{slug}",
        name=f"Not {positive}",
        definition=f"Anything a person may photograph that is not {positive}.",
        queries=tuple(Asked(Query(t), name) for name, terms, _, _ in there for t in terms),
        strata=strata,
        exclude=(positive, *_without(_NOT_PICTURES, positive)),
        target=5000,
    )
    return Recipe(slug, (yes, no), description=f"{positive} or not {positive}."), notes


def _is_among(positive: str, terms: Sequence[str]) -> bool:
    return any(contains(positive, term) or contains(term, positive) for term in terms)


def _without(terms: Sequence[str], positive: str) -> tuple[str, ...]:
    """`terms` without those that hold the positive, or that the positive is a kind of."""
    return tuple(t for t in terms if not _overlap(t, positive) and not contains(positive, t))


def _overlap(term: str, positive: str) -> bool:
    if contains(term, positive) or _joined(term) == _joined(positive):
        return True
    mine = {_joined(term), _joined(positive)}
    return any(
        _joined(first) in mine and mine <= {_joined(word) for word in (first, *rest)}
        for first, rest in known_things().overlaps
    )


def _joined(text: str) -> str:
    """One spelling for `hot dog`, `hot-dog` and `hotdog`, singular."""
    return "".join(c for c in folded(text) if c.isalnum()).removesuffix("s")


def start(name: str, positive: str | None, labels: Sequence[str], per_class: int) -> Chosen:
    """A recipe to begin with: X or not X, or one plain query for each label."""
    if positive:
        chosen = binary(positive, per_class=per_class)
        return replace(chosen, recipe=replace(chosen.recipe, name=name))
    if not labels:
        raise UsageError("recipe new: expected --positive X, or --label for each class")
    made = tuple(
        Label(
            slugs.slug_of(label),
            name=label,
            queries=(Asked(Query(label)), Asked(Query(f"{label} photo"))),
            target=per_class,
            exclude=_NOT_PICTURES,
        )
        for label in dict.fromkeys(labels)
    )
    return Chosen(Recipe(name, made), ())


def chosen(
    what: str,
    positive: str | None = None,
    negatives: Sequence[str] = (),
    per_class: int | None = None,
    label: str | None = None,
    known: Collection[str] = (),
) -> Chosen:
    """What `pixset build WHAT` builds; raises UsageError for options that do not go together.

    `known` are the labels of the dataset that it is built into.
    """
    if what == "binary":
        if not positive:
            raise UsageError("build binary: expected --positive X, as in --positive pizza")
        return binary(positive, negatives, per_class=per_class, label=label, known=known)
    if positive or negatives or label:
        raise UsageError(f"build {what}: --positive, --negative and --label go with `build binary`")
    recipe = find(what)
    if per_class is not None:
        labels = tuple(replace(label, target=per_class) for label in recipe.labels)
        recipe = replace(recipe, labels=labels)
    return Chosen(recipe, (told(recipe),))


def told(recipe: Recipe) -> str:
    """The line that says which recipe was taken."""
    return f"recipe {recipe.name!r}: {recipe.description}"
