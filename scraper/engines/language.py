"""Which language titles are in, by the little words that only one of some languages has.

Enough to tell that results are in another language than the one that was asked for, no more.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 0.15  # of titles hold such a word: with fewer, their language is not known
_FEWEST = 3  # titles, or nothing is known either
# Folded as titles are; words that two of these languages share say nothing and are left out.
_WORDS = {
    "en": "the and with from for your how of this best easy what you are that make",
    "de": "und der das ein eine mit von zum fur auf ist aus nach rezept bilder dem den wie auch",
    "fr": "les des une avec pour et du aux sur dans est recette facile cette vous nos",
    "es": "los las una con para del y receta como mas sus esta muy facil el",
    "it": "il della delle gli ricetta con di che nel dei alla sono piu degli",
    "pt": "os das dos uma com para receita em da do no na mais seu como voce",
    "nl": "het een van voor met recept en bij deze op zijn",
    "pl": "na z przepis jak oraz dla ze sie jest nie",
    "tr": "ve bir icin ile tarifi nasil en cok olan",
    "vi": "va cua cho cach mon nhung duoc voi khong la",
    "id": "dan yang untuk dengan resep cara dari ini",
    "sv": "och med att recept for ett som pa till",
}
_OWN = {
    language: frozenset(
        word
        for word in words.split()
        if sum(word in other.split() for other in _WORDS.values()) == 1
    )
    for language, words in _WORDS.items()
}


def another_language(titles: Iterable[str], asked: str) -> str | None:
    """The language (ISO code) of folded titles where it is known and not the one asked for.

    None where it is not known, where `asked` is a language that nothing is known of, or where half
    as many titles are in that one.
    """
    texts = [frozenset(_WORD.findall(title)) for title in titles]
    own = asked.partition("-")[0].lower()
    if own not in _OWN:
        return None
    held = Counter(
        {name: sum(bool(text & words) for text in texts) for name, words in _OWN.items()}
    )
    name, number = held.most_common(1)[0]
    known = number >= max(_FEWEST, len(texts) * _LEAST)
    return name if known and name != own and held[own] * 2 < number else None
