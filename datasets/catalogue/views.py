"""The rows with digests in full and names in place of numbers, as 0.1.0's tables had them.

For whoever opens the file with another tool; nothing in this package reads them.
"""

from __future__ import annotations

_UTC = "strftime('%Y-%m-%dT%H:%M:%S+00:00', {}, 'unixepoch') AS {}"
_OF_SIGHTING = "JOIN sighting_row s ON s.id = l.sighting JOIN search q ON q.id = s.search"

_SIGHTING = (
    "CREATE VIEW sighting AS SELECT q.engine, q.query, s.key, q.label, q.term, s.rank, "
    "s.image_url, s.preview_url, s.page_url, s.title, s.claimed_width, s.claimed_height, "
    f"{{more}}s.stratum, {_UTC.format('s.seen_at', 'seen_at')} "
    "FROM sighting_row s JOIN search q ON q.id = s.search"
)
_STATED = "s.licence, s.licence_url, s.creator, s.creator_url, "

VIEWS = (
    f"""
    CREATE VIEW image AS SELECT lower(hex(i.sha256)) AS sha256, i.path, i.bytes, i.extension,
        {_UTC.format("i.added_at", "added_at")} FROM image_row i
    """,
    _SIGHTING.format(more=""),
    f"""
    CREATE VIEW fetched AS SELECT f.url, nullif(lower(hex(i.sha256)), '') AS sha256, f.failure,
        f.status, CASE WHEN f.final_url = '=' THEN f.url ELSE f.final_url END AS final_url,
        f.content_type, f.x_robots_tag, f.etag, f.last_modified, f.via,
        {_UTC.format("f.fetched_at", "fetched_at")}
        FROM fetched_row f LEFT JOIN image_row i ON i.id = f.image
    """,
    f"""
    CREATE VIEW labelled AS SELECT lower(hex(i.sha256)) AS sha256, q.label, q.engine, q.query,
        s.key, l.source, l.rank
        FROM labelled_row l {_OF_SIGHTING} JOIN image_row i ON i.id = l.image
    """,
    """
    CREATE VIEW facts AS SELECT lower(hex(i.sha256)) AS sha256, f.format, f.width, f.height,
        f.mode, f.orientation, f.frames, f.has_alpha, f.gray, f.jpeg_quality, f.trimmed_width,
        f.trimmed_height FROM facts_row f JOIN image_row i ON i.id = f.image
    """,
    """
    CREATE VIEW unreadable AS SELECT lower(hex(i.sha256)) AS sha256, u.why, u.detail
        FROM unreadable_row u JOIN image_row i ON i.id = u.image
    """,
    """
    CREATE VIEW verdict AS SELECT v.id, lower(hex(i.sha256)) AS sha256, v.decision, v.by,
        v.reason, v.detail, v.label, s.made_at
        FROM verdict_row v JOIN step s ON s.id = v.step JOIN image_row i ON i.id = v.image
    """,
    """
    CREATE VIEW opinion AS SELECT lower(hex(a.sha256)) AS a, lower(hex(b.sha256)) AS b,
        l.must AS same, s.made_at AS said_at FROM link l JOIN step s ON s.id = l.step
        JOIN image_row a ON a.id = l.a JOIN image_row b ON b.id = l.b
    """,
    """
    CREATE VIEW member AS SELECT lower(hex(i.sha256)) AS sha256,
        nullif(lower(hex(g.sha256)), '') AS split_group,
        nullif(lower(hex(k.sha256)), '') AS keeper, m.relation, m.phash, m.dhash, m.difference
        FROM member_row m JOIN image_row i ON i.id = m.image
        LEFT JOIN image_row g ON g.id = m.split_group LEFT JOIN image_row k ON k.id = m.keeper
    """,
    f"""
    CREATE VIEW placement AS SELECT lower(hex(i.sha256)) AS sha256, p.label, p.split,
        p.split AS side, p.path, {_UTC.format("p.placed_at", "placed_at")}
        FROM placement_row p JOIN image_row i ON i.id = p.image
    """,
)
# The view of sightings, once they hold licences.
LICENSED_SIGHTINGS = ("DROP VIEW sighting", _SIGHTING.format(more=_STATED))
