"""Whether results speak of what was asked: engines serve decoys, flawless pages of other things.

Measured on saved pages: a decoy has none of its 35 (or 1) results that holds a word of the query
in its title or an address; real pages of 2022 to 2026 have 65 to 100 in 100, the worst old one 32.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .language import another_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import Candidate

# Below this share of results that speak of the query, a page is a decoy.
LEAST = 0.05
# A first page so short that also says it is the last one proves nothing by its size.
FEW = 3

# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN = str.maketrans(
    {"đ": "d", "\u0131": "i", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d"}
)
_WORD = re.compile(r"[^\W_]+")
_OPERATOR = re.compile(
    r"""(?:^|\s)(?:-\S+|-"[^"]*"|\w{2,16}:\S+|OR|AND|NOT|AROUND\(\d+\))(?=\s|$)"""
)
_LONG = 4  # words of a query of which one alone says little
_JUDGED = 0.5  # of results carry text: with fewer, a page cannot be judged
_ALIKE = 0.3  # of titles in the query's script: with fewer, the language is another one
_THEME = 0.3  # of results hold one word or speak of one synonym: an answer to one query
_TRANSLATED = 2  # words of a query that results may speak of in another language altogether
_SHORTEST = 3  # letters of a word that says something, in scripts with spaces
_INSIDE = 5  # letters of a word that counts inside a longer one ("Thunfischpizza")
# Words of every result page and every address, and the commonest little words.
_COMMON = """
    the and for with from this that are not what how und der die das mit ein eine von auf les des
    une pour avec los las una con para del della per dan yang all first new best top real view
    image images photo photos picture pictures pic pics foto fotos bild bilder imagen imagenes
    img jpg jpeg png gif webp svg bmp www http https com org net html php wallpaper free download
    home page site index upload uploads content media files file blog news article product
    products shop
"""
_EMPTY = frozenset(_COMMON.split())
# Scripts that write words without spaces between them: two characters in a row count.
_UNSPACED = ("CJK", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")


def fold(text: str) -> str:
    """Text without case, accents and the like: "Đường KÄSE" is "duong kase"."""
    apart = unicodedata.normalize("NFKD", text.strip().casefold()).translate(_PLAIN)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def usable_words(term: str) -> tuple[str, ...]:
    """The words of a query that a result can be recognised by, folded; operators are left out."""
    found: dict[str, None] = {}
    for word in _WORD.findall(fold(_OPERATOR.sub(" ", term))):
        if _script(word) in _UNSPACED:
            found.update(dict.fromkeys(word[at : at + 2] for at in range(max(1, len(word) - 1))))
        elif len(word) >= _SHORTEST and word not in _EMPTY and not word.isdecimal():
            found[word] = None
    return tuple(found)


def on_topic(
    term: str,
    candidates: Iterable[Candidate],
    synonyms: Sequence[str] = (),
    lang: str | None = None,
) -> float | None:
    """The share (0 to 1) of results with text that speak of the term.

    None where it is unknown: a term without a usable word, results without any text, titles in
    another script than the term (a Thai query, English titles), or results that speak of
    nothing in common: a decoy is the answer to another query, and has a theme. Where they do not
    speak of it but agree on one of the `synonyms` ("Pfannkuchen", titles of pancakes), the
    share is that synonym's. Where no synonym is known, and a term of one or two words was said to
    be in a language (`lang`) that the titles are not in, it is unknown as well: a longer query
    holds names that any language writes alike.
    """
    words, candidates = usable_words(term), tuple(candidates)
    found = [(one.title, _text(one)) for one in candidates if _carries_text(one)]
    if not words or not found or len(found) < len(candidates) * _JUDGED:
        return None
    share = sum(_speaks(text, words) for _, text in found) / len(found)
    if share < LEAST:
        for other in synonyms:
            meant = usable_words(other)
            agreeing = sum(_speaks(text, meant) for _, text in found) / len(found) if meant else 0
            if agreeing >= _THEME:
                return agreeing
        if len(found) > FEW and theme(title for title, _ in found) < _THEME:
            return None
        scripts = {_script(word) for word in words}
        titles = [fold(title) for title, _ in found if title]
        alike = sum(any(_script(word) in scripts for word in _WORD.findall(one)) for one in titles)
        if titles and alike < len(titles) * _ALIKE:
            return None
        is_named = any(set(usable_words(other)) - set(words) for other in synonyms)
        if lang and not is_named and len(words) <= _TRANSLATED and another_language(titles, lang):
            return None
    return share


def theme(titles: Iterable[str | None]) -> float:
    """The share (0 to 1) of titles that hold their commonest word, but for the commonest of all.

    On saved pages of 2022 to 2026 it is 0.5 to 1, on the older ones without scripts from 0.15 on.
    """
    named = [title for title in titles if title]
    counted: Counter[str] = Counter()
    for title in named:
        words = usable_words(title)
        counted.update({word[:_INSIDE] for word in words})
    return max(counted.values(), default=0) / len(named) if named else 0.0


def suspicion(term: str, candidates: Sequence[Candidate], share: float | None) -> str | None:
    """Why results are taken for a decoy, in a few words; `share` is what `on_topic` says."""
    if share is None or share >= LEAST:
        return None
    return f"{round(share * len(candidates))} of {len(candidates)} results speak of {term!r}"


def is_scant(candidates: Sequence[Candidate], named: str | None) -> bool:
    """Whether a first page shows almost nothing and says itself that it is the last one."""
    return named == "" and 0 < len(candidates) <= FEW


def _carries_text(candidate: Candidate) -> bool:
    """Whether a result says something in words: a title, or a path that is no number or hash."""
    if candidate.title:
        return True
    paths = (
        address.partition("://")[2].partition("/")[2]
        for address in (candidate.page_url, candidate.image_url)
        if address
    )
    words = (word for path in paths for word in _WORD.findall(fold(unquote(path)[:2000])))
    return any(len(word) > _SHORTEST and word.isalpha() and word not in _EMPTY for word in words)


def _text(candidate: Candidate) -> str:
    """What a result says of itself, folded: its title, its page's and its original's address."""
    parts = (candidate.title, candidate.page_url, candidate.image_url)
    return fold(" ".join(unquote(part)[:2000] for part in parts if part))


def _speaks(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text holds a word of the query; of a long query two, as one is in many texts."""
    tokens = set(_WORD.findall(text))
    held = (word for word in words if _holds(text, tokens, word))
    is_long = sum(_script(word) not in _UNSPACED for word in words) >= _LONG
    return len(list(islice(held, 2))) >= (2 if is_long else 1)


def _holds(text: str, tokens: set[str], word: str) -> bool:
    if word in tokens:
        return True
    if len(word) >= _INSIDE or _script(word) in _UNSPACED:
        stem = word[: max(_INSIDE - 1, len(word) - 2)]  # "noodles" is in "noodle soup"
        return word in text or any(token.startswith(stem) for token in tokens)
    return any(
        token.startswith(word) and len(token) - len(word) < len(word) - 1 for token in tokens
    )


def _script(word: str) -> str:
    """The script of a word's first letter, as Unicode names it: LATIN, THAI, CJK …"""
    letter = next((letter for letter in word if letter.isalpha()), "")
    script = unicodedata.name(letter, "").partition(" ")[0] if letter else ""
    return "CJK" if script in {"HIRAGANA", "KATAKANA"} else script
