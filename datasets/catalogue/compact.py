"""Carrying a 0.1.0 catalogue's rows over to small ones: every picture, decision and split stays.

Old tables are set aside under other names, read, and dropped, in one transaction.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

from .packing import BITS, SCORE, crc, is_whole, pack, parts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

# Children before parents: the order in which foreign keys let them be dropped.
_OLD = (
    *("placement", "member", "opinion", "verdict", "score", "fingerprint", "unreadable", "facts"),
    *("labelled", "fetched", "sighting", "search", "image"),
)
SET_ASIDE = tuple(f"ALTER TABLE {table} RENAME TO old_{table}" for table in _OLD)

_WEB = (
    """
    INSERT INTO image_row SELECT o.rowid, digest(o.sha256), o.path, o.bytes, o.extension,
        seconds(o.added_at), NULL FROM old_image o ORDER BY o.rowid
    """,
    """
    INSERT INTO search SELECT o.rowid, o.label, o.engine, o.query, o.term, o.stratum, o.lang,
        o.outcome, o.detail, o.asked, o.term_limit, o.found, o.started_at, o.finished_at
        FROM old_search o ORDER BY o.rowid
    """,
    """
    INSERT INTO sighting_row SELECT o.rowid, q.id, o.key, o.rank, o.image_url, o.preview_url,
        o.page_url, o.title, o.claimed_width, o.claimed_height, o.stratum, seconds(o.seen_at)
        FROM old_sighting o JOIN search q
        ON (q.label, q.engine, q.query) = (o.label, o.engine, o.query) ORDER BY o.rowid
    """,
    """
    INSERT INTO fetched_row SELECT o.url, image_id(o.sha256), o.failure, o.status,
        CASE WHEN o.final_url = o.url THEN '=' ELSE o.final_url END, o.content_type,
        o.x_robots_tag, o.etag, o.last_modified, o.via, seconds(o.fetched_at) FROM old_fetched o
    """,
    """
    INSERT INTO labelled_row SELECT s.rowid, image_id(o.sha256), o.source, o.rank
        FROM old_labelled o JOIN old_sighting s
        ON (s.label, s.engine, s.query, s.key) = (o.label, o.engine, o.query, o.key)
    """,
    """
    INSERT INTO member_row SELECT image_id(o.sha256), image_id(o.component), image_id(o.keeper),
        o.relation, o.phash, o.dhash, o.difference FROM old_member o
    """,
    """
    INSERT INTO placement_row SELECT image_id(o.sha256), o.label, o.side, o.path,
        seconds(o.placed_at) FROM old_placement o
    """,
)
# What 0.1.0 measured: the first version of everything it had.
_BEFORE = "{}"


def carry_over(connection: sqlite3.Connection, indices: Sequence[str]) -> None:
    """Copy every old row into the new tables, drop the old ones, make the indices."""
    ids = {row[0]: row[1] for row in connection.execute("SELECT sha256, rowid FROM old_image")}
    connection.create_function("digest", 1, bytes.fromhex, deterministic=True)
    connection.create_function("image_id", 1, ids.get, deterministic=True)
    connection.create_function("seconds", 1, _seconds, deterministic=True)
    for statement in _WEB:
        connection.execute(statement)
    _carry_measurements(connection, ids)
    _carry_decisions(connection, ids)
    for table in _OLD:
        connection.execute(f"DROP TABLE old_{table}")
    for index in indices:
        connection.execute(index)


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _carry_measurements(connection: sqlite3.Connection, ids: dict[str, int]) -> None:
    """Facts, fingerprints and scores become one row a picture, thumbs another."""
    names = connection.execute(
        "SELECT kind FROM old_fingerprint UNION SELECT check_name FROM old_score ORDER BY 1"
    )
    measures = {row[0]: number for number, row in enumerate(names, 1)}
    connection.executemany(
        "INSERT INTO measure VALUES (?, ?)", [(number, name) for name, number in measures.items()]
    )
    connection.execute("INSERT INTO measuring VALUES (1, ?)", (_BEFORE,))
    bits = _by_picture(connection.execute("SELECT sha256, kind, bits FROM old_fingerprint"))
    scores = _by_picture(connection.execute("SELECT sha256, check_name, value FROM old_score"))
    heads: dict[bytes, int] = {}
    for row in connection.execute("SELECT * FROM old_facts"):
        image, thumb = ids[row["sha256"]], row["thumb"]
        if not is_whole(thumb):
            continue  # damaged: the picture is measured anew
        connection.execute(
            "INSERT INTO facts_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (
                image,
                *tuple(row)[1:12],
                pack(BITS, ((measures[k], int(str(v), 16)) for k, v in bits[row["sha256"]])),
                pack(SCORE, ((measures[k], float(v)) for k, v in scores[row["sha256"]])),
            ),
        )
        head, rest = parts(thumb)
        if head not in heads:
            heads[head] = len(heads) + 1
            connection.execute("INSERT INTO thumb_head VALUES (?, ?)", (heads[head], head))
        connection.execute(
            "INSERT INTO thumb VALUES (?, ?, ?, ?)", (image, heads[head], rest, crc(thumb))
        )
    connection.execute(
        "INSERT INTO unreadable_row SELECT image_id(sha256), why, detail, 1 FROM old_unreadable"
    )


def _by_picture(
    rows: Iterable[tuple[str, str, str | float]],
) -> dict[str, list[tuple[str, str | float]]]:
    found: dict[str, list[tuple[str, str | float]]] = defaultdict(list)
    for sha256, name, value in rows:
        found[sha256].append((name, value))
    return found


def _carry_decisions(connection: sqlite3.Connection, ids: dict[str, int]) -> None:
    """Batches of one moment become steps; a statement about a pair becomes one, too."""
    verdicts = connection.execute("SELECT * FROM old_verdict ORDER BY id").fetchall()
    opinions = connection.execute("SELECT * FROM old_opinion ORDER BY said_at, a, b").fetchall()
    moments = {row["made_at"] for row in verdicts}
    steps = sorted(
        [(moment, 0, "") for moment in moments]
        + [(row["said_at"], 1, f"{row['a']} {row['b']}") for row in opinions]
    )
    number = {(moment, pair): at for at, (moment, _, pair) in enumerate(steps, 1)}
    at_verdict = {row["id"]: number[row["made_at"], ""] for row in verdicts}
    undone: dict[int, tuple[int, int]] = {}
    what = {at: "pair" for (_, pair), at in number.items() if pair}
    for row in verdicts:
        step = at_verdict[row["id"]]
        if row["reason"] == "undo":
            detail = json.loads(row["detail"])
            undone[step] = at_verdict[int(detail["undoes"])], int(detail["was"] == "person")
            what[step] = "undo"
        else:
            what.setdefault(step, "review" if row["by"] == "person" else "dedupe")
    connection.executemany(
        "INSERT INTO step VALUES (?, ?, ?, ?, ?)",
        [
            (at, what[at], moment, *undone.get(at, (None, 0)))
            for at, (moment, _, _) in enumerate(steps, 1)
        ],
    )
    connection.executemany(
        "INSERT INTO verdict_row VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (row["id"], at_verdict[row["id"]], ids[row["sha256"]],
             *(row[name] for name in ("decision", "by", "reason", "detail", "label")))
            for row in verdicts
            # What took back a person's verdict is its step alone: the verdict counts no more.
            if not undone.get(at_verdict[row["id"]], (0, 0))[1]
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO link (step, a, b, must) VALUES (?, ?, ?, ?)",
        [
            (number[row["said_at"], f"{row['a']} {row['b']}"],
             *sorted((ids[row["a"]], ids[row["b"]])), row["same"])
            for row in opinions
        ],
    )  # fmt: skip
