"""What a JPEG's markers say, without decoding: is it baseline, in colour, clean, complete?

Trainers read the tree with different decoders; the markers decide where they part ways:
Hugging Face turns EXIF orientation, the others do not; ultralytics rewrites what does not end
in FFD9; libjpeg builds without arithmetic coding refuse what others read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASELINE = 0xC0
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE = frozenset({0xC2, 0xCA})
_SCAN, _END = 0xDA, 0xD9
_APP0, _APP1, _APP2, _ADOBE, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_EXIF, _XMP = b"Exif\x00", b"http://ns.adobe.com/x"
_ICC = b"ICC_PROFILE\x00"
_JFIF = b"JFIF\x00"
# In entropy-coded data FF is followed by 00 or a restart marker; anything else ends the scan. (A
# plain prefix: with `\xff+` the search takes fifty times as long.)
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(frozen=True, slots=True)
class Markers:
    """One JPEG's frame and what lies around it.

    `foreign` are the spans (start, end in bytes) of application segments that no decoder needs
    for the pixels: EXIF, XMP, IPTC, thumbnails, maker's notes. `icc` is the embedded profile,
    `scan` the offset of the first scan. `end` is the offset after the first FFD9; `clean_end` tells
    whether nothing follows it.
    """

    width: int
    height: int
    components: int
    precision: int
    baseline: bool
    exif: bool
    icc: bytes | None
    foreign: tuple[tuple[int, int], ...]
    scan: int
    end: int
    clean_end: bool


class _Segment(NamedTuple):  # eleven a picture, and made in half of a dataclass's time
    code: int
    start: int
    end: int
    body: bytes


def markers(data: bytes, *, clean: bool = False) -> Markers | None:
    """Read the markers of `data`; None where it is no JPEG or its structure breaks off.

    `clean` says that this was read before, and from the first scan on is nothing foreign up to a
    clean end: then that is not looked through again, which takes most of the time.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    segments = _head_and_end(data) if clean else list(_segments(data))
    frames = [s for s in segments if s.code in _FRAMES and len(s.body) >= 6]
    if len(frames) != 1 or segments[-1].code != _END:
        return None
    frame, end = frames[0], segments[-1].end
    height, width = (int.from_bytes(frame.body[n : n + 2], "big") for n in (1, 3))
    profile = [s for s in segments if s.code == _APP2 and s.body.startswith(_ICC)]
    # APP0 (JFIF) and APP14 (Adobe's colour transform) shape the pixels: they stay.
    foreign = [s for s in segments if _APP1 <= s.code <= _APP15 and s.code != _ADOBE]
    return Markers(
        width=width,
        height=height,
        components=frame.body[5],
        precision=frame.body[0],
        baseline=frame.code == _BASELINE,
        exif=any(s.code == _APP1 and s.body.startswith((_EXIF, _XMP)) for s in foreign),
        icc=b"".join(s.body[14:] for s in profile) or None,  # after name, number and count
        foreign=tuple((s.start, s.end) for s in foreign if s not in profile),
        scan=next((s.start for s in segments if s.code == _SCAN), end),
        end=end,
        clean_end=end == len(data),
    )


def _segments(data: bytes, *, resync: bool = False) -> Iterator[_Segment]:
    """Walk from marker to marker; ends after FFD9, or early where the structure breaks off.

    `resync` skips what stands between segments, as decoders do, and ends with the first scan.
    """
    at = 2
    while at + 2 <= len(data) and (data[at] == 0xFF or resync):
        if resync and (data[at] != 0xFF or data[at + 1] == 0x00):
            following = _AFTER_SCAN.search(data, at)
            if following is None:
                return
            at = following.start()
        code, start = data[at + 1], at
        if code == 0xFF:  # a fill byte
            at += 1
            continue
        if code == _END:
            yield _Segment(code, start, at + 2, b"")
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 + length
        if length < 2 or at > len(data):
            return
        yield _Segment(code, start, at, data[start + 4 : at])
        if code == _SCAN:
            if resync:
                return
            following = _AFTER_SCAN.search(data, at)
            if following is None:
                return
            at = following.start()


def _head_and_end(data: bytes) -> list[_Segment]:
    """The segments up to the first scan, and the end of a file that is known to have one."""
    found = []
    for segment in _segments(data):
        found.append(segment)
        if segment.code == _SCAN:
            break
    return [*found, _Segment(_END, len(data) - 2, len(data), b"")]


def without_foreign(data: bytes, read: Markers) -> bytes:
    """The same pixels without EXIF and the like, and without what follows FFD9: no re-encoding."""
    kept, at = [], 0
    for start, end in read.foreign:
        kept.append(data[at:start])
        at = end
    kept.append(data[at : read.end])
    return b"".join(kept)


def lacks_scans(data: bytes) -> bool:
    """Whether a progressive JPEG ends before some bits of some coefficients were sent."""
    segments = list(_segments(data))
    frame = next((s for s in segments if s.code in _FRAMES and len(s.body) >= 6), None)
    if frame is None or frame.code not in _PROGRESSIVE:
        return False
    missing = {(part, place) for part in frame.body[6::3] for place in range(64)}
    for scan in (s.body for s in segments if s.code == _SCAN and s.body):
        count = scan[0]
        if len(scan) < 4 + 2 * count:
            return True
        start, end, bits = scan[1 + 2 * count : 4 + 2 * count]
        if bits & 0x0F == 0:  # the last, least bit
            parts = scan[1 : 1 + 2 * count : 2]
            missing -= {(part, place) for part in parts for place in range(start, end + 1)}
    return bool(missing)


def first_scan(data: bytes) -> int:
    """The offset of the first scan's marker; 0 where there is none."""
    return next((s.start for s in _segments(data, resync=True) if s.code == _SCAN), 0)


def with_clean_header(data: bytes) -> bytes:
    """The JPEG without bytes between the segments of its header, which decoders skip."""
    kept = [data[:2]]
    for segment in _segments(data, resync=True):
        if segment.code == _SCAN:
            return b"".join((*kept, data[segment.start :]))
        kept.append(data[segment.start : segment.end])
    return data


def with_plain_head(data: bytes) -> bytes:
    """The JPEG without colour profile, its JFIF revision 1.01: for the pixels neither matters."""
    kept = [data[:2]]
    for segment in _segments(data, resync=True):
        if segment.code == _SCAN:
            return b"".join((*kept, data[segment.start :]))
        if segment.code == _APP0 and segment.body.startswith(_JFIF):
            kept += data[segment.start : segment.start + 9], b"\1\1", segment.body[7:]
        elif segment.code != _APP2:
            kept.append(data[segment.start : segment.end])
    return data
