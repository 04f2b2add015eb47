"""What `status` and `review` ask of a recipe, read without the rest of it.

Checking a whole recipe takes pydantic, whose loading and models are a fifth of what `status` of
100,000 pictures costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from ..errors import UsageError
from ..files import read_ordinary
from ..limits import MOST
from .hosts import named_site
from .models import Label, Recipe
from .toml import read, recipe_of

if TYPE_CHECKING:
    from ..project import Project

_Count = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
_Texts = tuple[Annotated[str, msgspec.Meta(pattern=r"\S")], ...]


class _LabelTable(msgspec.Struct):
    target: _Count | None = None
    exclude: _Texts = ()


class _Table(msgspec.Struct):
    label: Annotated[dict[str, _LabelTable], msgspec.Meta(min_length=1)]
    per_class: _Count | None = None
    ambiguous: _Texts = ()
    exclude_hosts: _Texts = ()
    checks: dict[str, Any] = {}


def counted_recipe(project: Project) -> Recipe:
    """The dataset's labels with their targets, and the words and sites it leaves out.

    The rest is as in a plain recipe, and is not checked. Where one of these is not what it should
    be, or checks have limits of their own, the recipe is read whole: raises UsageError that names
    the key.
    """
    if not project.recipe.is_file():
        return recipe_of(project)
    try:
        text = read_ordinary(project.recipe).decode("utf-8-sig")
        table = msgspec.toml.decode(text, type=_Table)
        sites = dict.fromkeys(map(named_site, table.exclude_hosts))
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, UsageError):
        return read(project.recipe)
    if table.checks:
        return read(project.recipe)
    labels = (
        Label(slug, target=one.target or table.per_class, exclude=_stripped(one.exclude))
        for slug, one in table.label.items()
    )
    return Recipe(
        name=project.root.resolve().name,
        labels=tuple(labels),
        ambiguous=_stripped(table.ambiguous),
        exclude_hosts=tuple(sites),
    )


def _stripped(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts)
