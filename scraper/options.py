"""Help texts that name what a registry holds; the roof's commands use them, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def one_of(words: str, names: Callable[[], Iterable[str]] | None = None) -> dict[str, Any]:
    """An option's metavar and shell completion where it takes one of some words, as in `a|b`.

    `names` gives them where `words` only stands for what a registry holds.
    """
    given = names or (lambda: words.split("|"))
    # A lambda: Typer would evaluate a function's annotations, whose names are not there.
    return {"metavar": words, "autocompletion": lambda: list(given())}


def engine_names() -> Iterable[str]:
    """The engines that can be asked."""
    from .engines import ENGINES  # the parsers: 50 ms that only this command's help pays

    return ENGINES


def _defaults() -> Iterable[str]:
    from .engines import default_engines  # as above

    return default_engines()


class RegistryCommand(TyperCommand):
    """A command whose options' help and metavar name what a registry holds: `{engines}`.

    A registry is read when help is shown: it may have grown, and no other command pays for its
    import. `registries` maps the word in braces to what gives the names.
    """

    registries: ClassVar[Mapping[str, Callable[[], Iterable[str]]]] = {
        "engines": engine_names,
        "defaults": _defaults,
    }

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Fill the names in, and show the help."""
        for parameter in self.params:
            for attribute, between in (("help", ", "), ("metavar", "|")):
                text = getattr(parameter, attribute, None) or ""
                for word, names in self.registries.items():
                    if f"{{{word}}}" in text:
                        text = text.replace(f"{{{word}}}", between.join(names()))
                        setattr(parameter, attribute, text)
        super().format_help(ctx, formatter)
