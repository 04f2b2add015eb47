"""Signs, cards, marks and games: drawn in a few fills, where a glyph or a colour is all."""

from __future__ import annotations

import numpy as np

from .making import (
    COLOURS,
    INK,
    WORDS,
    Table,
    canvas,
    colour,
    digits,
    numbers,
    one_of,
    picture,
    soft,
    write,
)

CARDS = Table()
SEGMENTS = ((0, 0, 1, 0), (1, 0, 1, 1), (1, 1, 1, 2), (0, 2, 1, 2), (0, 1, 0, 2), (0, 0, 0, 1),
            (0, 1, 1, 1))  # fmt: skip
LIT = (0b0111111, 0b0000110, 0b1011011, 0b1001111, 0b1100110, 0b1101101, 0b1111101, 0b0000111,
       0b1111111, 0b1101111)  # fmt: skip


@CARDS("seven-segment display")
def display(rng, other):
    pen, tone = canvas((22, 24, 22), (480, 200)), colour(rng, 130, 255)
    for place, digit in enumerate(numbers(rng, other, 4).tolist()):
        for segment, (ax, ay, bx, by) in enumerate(SEGMENTS):
            x, y = 45 + 110 * place, 40
            ends = (x + 60 * ax, y + 60 * ay, x + 60 * bx, y + 60 * by)
            pen.line(ends, fill=tone if LIT[digit] >> segment & 1 else (38, 40, 38), width=12)
    return picture(pen)


@CARDS("number plate")
def plate(rng, other):
    pen = canvas((235, 235, 225), (480, 130))
    pen.rectangle((4, 4, 475, 125), outline=INK, width=5)
    pen.rectangle((8, 8, 60, 121), fill=(30, 60, 160))
    letters = "".join(rng.choice(list("ABCDEFHKLMNPRSTUVWXZ"), 3))
    write(pen, (265, 66), f"{letters} {digits(rng, other, 4)}", 78)
    return picture(pen)


@CARDS("identity card with another name")
def identity(rng, other):
    pen = canvas((205, 222, 232), (480, 300))
    image = picture(pen)
    image.paste(soft(rng, (130, 170), (6, 8), 60, 220), (30, 80))
    pen.ellipse((55, 100, 135, 200), fill=(225, 190, 160))
    write(pen, (240, 35), "IDENTITY CARD", 32, (40, 60, 120))
    names = [one_of(rng, other and row == 0, WORDS).upper() for row in range(2)]
    for row, words in enumerate([*names, digits(rng, False, 8), "2031"]):
        write(pen, (190, 100 + 45 * row), words, 26, anchor="lm")
    return image


@CARDS("chess position")
def chess(rng, other):
    pen, board = canvas(size=(400, 400)), numbers(rng, other, (8, 8), 3)
    for (row, column), piece in np.ndenumerate(board):
        x, y = 50 * column, 50 * row
        square = ((240, 217, 181), (181, 136, 99))[(row + column) % 2]
        pen.rectangle((x, y, x + 49, y + 49), fill=square)
        if piece:
            fill = ("white", (30, 30, 30))[int(piece) - 1]
            pen.ellipse((x + 12, y + 12, x + 38, y + 38), fill=fill, outline=INK, width=2)
    return picture(pen)


@CARDS("logo with other initials")
def logo(rng, other):
    pen, tone = canvas((255, 255, 255), (400, 400)), colour(rng, 0, 180)
    pen.ellipse((60, 40, 340, 320), outline=tone, width=16)
    write(pen, (200, 180), one_of(rng, other, WORDS)[:3].upper(), 90, tone)
    write(pen, (200, 360), rng.choice(WORDS), 34, tone)
    return picture(pen)


@CARDS("icon on and off")
def icon(rng, other):
    pen, tone = canvas((245, 245, 247), (320, 320)), colour(rng)
    pen.rounded_rectangle((40, 90, 280, 230), 70, fill=(190, 190, 195) if other else tone)
    x = 50 if other else 160
    pen.ellipse((x, 100, x + 110, 220), fill="white")
    return picture(pen)


@CARDS("flag")
def flag(rng, other):
    pen, tones = canvas(size=(480, 320)), rng.permutation(COLOURS).tolist()
    upright = rng.integers(2)
    for place, tone in enumerate(one_of(rng, other, [(0, 1, 2), (1, 2, 3), (0, 2, 1), (0, 3, 2)])):
        x, y = (160 * place, 0) if upright else (0, 107 * place)
        pen.rectangle((x, y, 480, 320), fill=tuple(tones[tone]))
    return picture(pen)


@CARDS("playing card")
def card(rng, other):
    pen = canvas((255, 255, 255), (300, 420))
    pen.rounded_rectangle((6, 6, 293, 413), 18, outline=INK, width=3)
    rank, red = one_of(rng, other, range(2, 11)), rng.integers(2)
    tone = (200, 20, 30) if red else INK
    write(pen, (40, 45), rank, 40, tone)
    write(pen, (260, 375), rank, 40, tone)
    for spot in range(rank):
        x, y = 95 + 110 * (spot % 2), 70 + 62 * (spot // 2)
        pen.polygon([(x, y), (x + 18, y + 24), (x, y + 48), (x - 18, y + 24)], fill=tone)
    return picture(pen)


@CARDS("dice")
def dice(rng, other):
    pen, tone = canvas(colour(rng, 60, 160)), colour(rng, 150, 250)
    for die, dots in enumerate(numbers(rng, other, 2, 6).tolist()):
        x, y = 40 + 220 * die, 90
        pen.rounded_rectangle((x, y, x + 180, y + 180), 24, fill=tone)
        for dot in range(dots + 1):
            at = x + 40 + 50 * (dot % 3), y + 55 + 70 * (dot // 3)
            pen.ellipse((at[0] - 16, at[1] - 16, at[0] + 16, at[1] + 16), fill=INK)
    return picture(pen)


@CARDS("road sign with another number")
def sign(rng, other):
    pen = canvas(colour(rng, 90, 200), (360, 360))
    pen.ellipse((40, 40, 320, 320), fill="white", outline=(205, 25, 35), width=34)
    write(pen, (180, 184), one_of(rng, other, range(20, 130, 10)), 110)
    return picture(pen)


@CARDS("emoji")
def emoji(rng, other):
    pen = canvas((255, 255, 255), (320, 320))
    pen.ellipse((30, 30, 290, 290), fill=(255, 205, 60))
    eyes, mouth = rng.integers(14, 24), one_of(rng, other, ["smile", "sad", "open", "flat"])
    for x in (110, 210):
        pen.ellipse((x - eyes, 130 - eyes, x + eyes, 130 + eyes), fill=(90, 60, 20))
    if mouth == "open":
        pen.ellipse((130, 185, 190, 245), fill=(150, 50, 40))
    elif mouth == "flat":
        pen.line((110, 215, 210, 215), fill=(90, 60, 20), width=12)
    else:
        top, angle = (140, 30) if mouth == "smile" else (200, 210)
        pen.arc((100, top, 220, top + 100), angle, angle + 120, fill=(90, 60, 20), width=12)
    return picture(pen)


@CARDS("sketch")
def sketch(rng, other):
    pen, slope = canvas(), rng.integers(0, 40)
    roof = one_of(rng, other, ["gable", "flat", "dome"])
    pen.rectangle((120, 160, 360, 320), outline=INK, width=3)
    for x in (150, 220, 290):
        pen.rectangle((x, 200, x + 40, 250), outline=INK, width=2)
    if roof == "gable":
        pen.line([(110, 160), (240, 50 + slope), (370, 160)], fill=INK, width=3)
    elif roof == "dome":
        pen.arc((120, 60 + slope, 360, 260 - slope), 180, 360, fill=INK, width=3)
    for _ in range(14):
        x, y = rng.integers(10, 470), rng.integers(320, 350)
        pen.line((x, y, x + 8, y - 20), fill=INK, width=2)
    return picture(pen)


@CARDS("keyboard with another layout")
def keyboard(rng, other):
    letters = list("QWERTYUIOPASDFGHJKL:ZXCVBNM,.?")
    first, second = rng.choice(len(letters), 2, replace=False)
    if other:
        letters[first], letters[second] = letters[second], letters[first]
    pen, tone = canvas((70, 72, 78), (520, 200)), colour(rng, 190, 250)
    for key, letter in enumerate(letters):
        x, y = 15 + 50 * (key % 10), 20 + 58 * (key // 10)
        pen.rounded_rectangle((x, y, x + 42, y + 48), 6, fill=tone)
        write(pen, (x + 21, y + 24), letter, 28)
    return picture(pen)
