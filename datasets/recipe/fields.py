"""Values of a recipe's keys for pydantic, and its errors as "key: what was expected"."""

from __future__ import annotations

import difflib
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationError,
    WrapValidator,
)
from pydantic import model_validator as check_model
from pydantic_core import PydanticCustomError

from ..limits import MOST
from .models import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence


def wrong(expected: str, key: str = "") -> PydanticCustomError:
    """The error for `key` of the value at hand, or for the value itself."""
    return PydanticCustomError("expected", "{expected}", {"expected": expected, "key": key})


def expecting(expected: str) -> WrapValidator:
    """Say `expected` for whatever is wrong inside."""

    def validate(value: Any, inner: Callable[[Any], Any]) -> Any:
        try:
            return inner(value)
        except ValidationError:
            raise wrong(expected) from None

    return WrapValidator(validate)


def among(names: Sequence[str]) -> BeforeValidator:
    """One of `names`; the nearest is named for one that is not."""

    def validate(value: object) -> object:
        if value not in names:
            raise wrong(f"one of {', '.join(names)}, not {value!r}{hint(str(value), names)}")
        return value

    return BeforeValidator(validate)


def some_of(names: Collection[str]) -> BeforeValidator:
    """A list of some of `names`, which are read anew each time: a registry may grow."""

    def validate(values: object) -> object:
        if not isinstance(values, list | tuple):
            raise wrong(f"a list of some of {', '.join(names)}")
        for value in values:
            if value not in names:
                raise wrong(f"one of {', '.join(names)}, not {value!r}{hint(str(value), names)}")
        return values

    return BeforeValidator(validate)


def hint(word: str, known: Iterable[str]) -> str:
    """Name the known word that is nearest, as the end of a sentence; empty where none is near."""
    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


PlainText = Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1)]
Text = Annotated[PlainText, expecting('a text in quotes, as in "pizza"')]
Texts = Annotated[tuple[PlainText, ...], expecting('a list of texts, as in ["logo", "clipart"]')]
Count = Annotated[
    StrictInt, Field(ge=1, le=MOST), expecting(f"a whole number, 1 or more (at most {MOST:,})")
]
Pixels = Annotated[StrictInt, Field(ge=10), expecting("a whole number, 10 or more")]
Share = Annotated[StrictFloat, Field(ge=0, le=1), expecting("a number from 0 to 1")]


class TomlTable(BaseModel):
    """A TOML table without unknown keys."""

    model_config = ConfigDict(frozen=True)
    required: ClassVar[Mapping[str, str]] = {}  # key → what is expected of it

    @check_model(mode="before")
    @classmethod
    def _know_every_key(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            raise PydanticCustomError("table", "a table")
        known = list(cls.model_fields)
        for key in data:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                every = ", ".join(sorted(known))
                raise wrong(
                    f"no such key; did you mean {near[0]!r}?"
                    if near
                    else f"no such key; known: {every}",
                    key,
                )
        for key, expected in cls.required.items():
            if key not in data:
                raise wrong(expected, key)
        return data


def mistake_of(error: ValidationError) -> Mistake:
    """The first wrong key that pydantic found."""
    first = error.errors()[0]
    context = first.get("ctx", {})
    place = [str(part) if isinstance(part, str) else part + 1 for part in first["loc"]]
    place = [part for part in place if part != "[key]"]  # how pydantic marks a dict's key
    if context.get("key"):
        place.append(context["key"])
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    key = key.removeprefix(".")
    if first["type"] == "expected":
        return Mistake(key, context["expected"])
    last = next((part for part in reversed(place) if isinstance(part, str)), "")
    what = {
        "table": f"a table, as in [{key}]",
        "dict_type": f"a table, as in [{key}]",
        "tuple_type": f'a list, as in {last} = ["…"]',
    }.get(first["type"])
    return Mistake(key, what or str(first["msg"]))
