"""From a valid input to one that is almost valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\x1b[2J", b"\r\n"),
    *(b"NaN", b"Infinity", b"-1", b"1e999", b"9" * 400, b"null", b"true", b'""', b"[]", b"{}"),
    *(b"[" * 2000, b"{" * 500, b'{"a":' * 2000, b"'" * 99, b"\\u0000", b"\\ud800", b"%", b"%zz"),
    *(b"../../x", b"con", b"javascript:", b"data:,", b"http://[", b"<script>", b"<!--", b"&#0;"),
)


def mutated(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with one to eight changes; now and then a seed as it is."""
    data = bytearray(chance.choice(seeds))
    if chance.random() < 0.02:
        return bytes(data)
    for _ in range(min(8, 1 + int(chance.expovariate(0.7)))):
        chance.choice(_CHANGES)(chance, data, seeds)
        if len(data) > 2_000_000:
            del data[2_000_000:]
    return bytes(data)


def _place(chance: random.Random, data: bytearray) -> int:
    # Headers matter most: half of the changes fall into the first two hundred bytes.
    if chance.random() < 0.5:
        return chance.randrange(min(len(data), 200) + 1)
    return chance.randrange(len(data) + 1)


def _flip(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[min(_place(chance, data), len(data) - 1)] ^= 1 << chance.randrange(8)


def _byte(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[min(_place(chance, data), len(data) - 1)] = chance.randrange(256)


def _number(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """A number at an edge, in a width and order that binary formats use."""
    size = chance.choice((1, 2, 4))
    value = chance.choice(_NUMBERS) & (256**size - 1)
    at = _place(chance, data)
    data[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))


def _decimal(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """A number in a text, by another."""
    digits = [at for at, byte in enumerate(data[:20_000]) if 48 <= byte <= 57]
    if digits:
        at = chance.choice(digits)
        data[at : at + 1] = chance.choice((b"0", b"-1", b"1.5", b"99999999999999999999", b""))


def _word(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(chance, data)
    data[at:at] = chance.choice(_WORDS)


def _cut(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _drop(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(chance, data)
    del data[at : at + chance.choice((1, 2, 4, 16, 256, 4096))]


def _repeat(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(chance, data)
    data[at:at] = data[at : at + chance.choice((1, 4, 64, 1024))] * chance.choice((1, 2, 50))


def _splice(chance: random.Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    """A part of another seed, over what is here."""
    other = chance.choice(seeds)
    if other:
        start = chance.randrange(len(other))
        at = _place(chance, data)
        part = other[start : start + chance.choice((8, 128, 2048))]
        data[at : at + len(part)] = part


def _line(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Two lines change places, or one comes twice."""
    lines = bytes(data).split(b"\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[chance.choice((one, two))]
    data[:] = b"\n".join(lines)


_CHANGES: tuple[Callable[[random.Random, bytearray, Sequence[bytes]], None], ...] = (
    *(_flip, _byte, _number, _decimal, _word, _cut, _drop, _repeat, _splice, _line),
)
