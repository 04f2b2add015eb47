"""The tables of 0.1.0's catalogues, which `compact` rewrites: released, and never edited.

They stay because every catalogue is made by the same migrations, one after the other: a dataset
made by 0.1.0 has these and gets the rest.
"""

from __future__ import annotations

WEB = (
    # One search is one query put to one engine for one label. `query` is the query's canonical
    # JSON (web.canonical). A search without an outcome was begun and never ended. `asked` is
    # this engine's part of `term_limit`, which is over all engines.
    """
    CREATE TABLE search (
        label TEXT NOT NULL,
        engine TEXT NOT NULL,
        query TEXT NOT NULL,
        term TEXT NOT NULL,
        stratum TEXT,
        lang TEXT,
        outcome TEXT CHECK (outcome IN ('limit', 'exhausted', 'empty', 'consent', 'captcha',
            'rate-limited', 'blocked', 'layout-changed', 'browser-lost', 'imported')),
        detail TEXT,
        asked INTEGER NOT NULL CHECK (asked >= 0),
        term_limit INTEGER,
        found INTEGER NOT NULL DEFAULT 0 CHECK (found >= 0),
        started_at TEXT NOT NULL,
        finished_at TEXT,
        PRIMARY KEY (label, engine, query),
        CHECK ((outcome IS NULL) = (finished_at IS NULL))
    ) STRICT
    """,
    # Who claimed what, where, at which rank. `preview_url` never holds picture bytes: a data:
    # URI is replaced by 'data:' and the SHA-256 of what it decodes to.
    """
    CREATE TABLE sighting (
        engine TEXT NOT NULL,
        query TEXT NOT NULL,
        key TEXT NOT NULL,
        label TEXT NOT NULL,
        term TEXT NOT NULL,
        rank INTEGER NOT NULL CHECK (rank >= 1),
        image_url TEXT,
        preview_url TEXT,
        page_url TEXT,
        title TEXT,
        claimed_width INTEGER,
        claimed_height INTEGER,
        stratum TEXT,
        seen_at TEXT NOT NULL,
        PRIMARY KEY (label, engine, query, key),
        FOREIGN KEY (label, engine, query) REFERENCES search (label, engine, query)
    ) STRICT
    """,
    "CREATE INDEX sighting_image_url ON sighting (image_url)",
    "CREATE INDEX sighting_preview_url ON sighting (preview_url)",
    """
    CREATE TABLE image (
        sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
        path TEXT NOT NULL UNIQUE CHECK (path NOT LIKE '/%' AND path NOT LIKE '%\\%'),
        bytes INTEGER NOT NULL CHECK (bytes > 0),
        extension TEXT NOT NULL,
        added_at TEXT NOT NULL
    ) STRICT
    """,
    # Every URL has one fate: a picture or a failure, never both, never neither.
    """
    CREATE TABLE fetched (
        url TEXT PRIMARY KEY,
        sha256 TEXT REFERENCES image (sha256),
        failure TEXT,
        status INTEGER,
        final_url TEXT,
        content_type TEXT,
        x_robots_tag TEXT,
        etag TEXT,
        last_modified TEXT,
        via TEXT NOT NULL CHECK (via IN ('browser', 'http', 'inline', 'import')),
        fetched_at TEXT NOT NULL,
        CHECK ((sha256 IS NULL) <> (failure IS NULL))
    ) STRICT
    """,
    "CREATE INDEX fetched_sha256 ON fetched (sha256)",
    # Which picture stands for which sighting.
    """
    CREATE TABLE labelled (
        sha256 TEXT NOT NULL REFERENCES image (sha256),
        label TEXT NOT NULL,
        engine TEXT NOT NULL,
        query TEXT NOT NULL,
        key TEXT NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('preview', 'original', 'fallback', 'import')),
        rank INTEGER NOT NULL CHECK (rank >= 1),
        PRIMARY KEY (sha256, label, engine, query, key),
        FOREIGN KEY (label, engine, query, key) REFERENCES sighting (label, engine, query, key)
    ) STRICT
    """,
    "CREATE INDEX labelled_sighting ON labelled (label, engine, query, key)",
)

PIXELS = (
    """
    CREATE TABLE facts (
        sha256 TEXT PRIMARY KEY REFERENCES image (sha256),
        format TEXT NOT NULL,
        width INTEGER NOT NULL CHECK (width > 0),
        height INTEGER NOT NULL CHECK (height > 0),
        mode TEXT NOT NULL,
        orientation INTEGER NOT NULL,
        frames INTEGER NOT NULL,
        has_alpha INTEGER NOT NULL CHECK (has_alpha IN (0, 1)),
        gray INTEGER NOT NULL CHECK (gray IN (0, 1)),
        jpeg_quality INTEGER,
        trimmed_width INTEGER NOT NULL,
        trimmed_height INTEGER NOT NULL,
        thumb BLOB NOT NULL
    ) STRICT
    """,
    # Absence is not a value: what cannot be decoded is here, and has no facts, no fingerprint.
    """
    CREATE TABLE unreadable (
        sha256 TEXT PRIMARY KEY REFERENCES image (sha256),
        why TEXT NOT NULL,
        detail TEXT
    ) STRICT
    """,
    # SQLite's integers stop at 2^63: 64 bits are 16 hex digits.
    """
    CREATE TABLE fingerprint (
        sha256 TEXT NOT NULL REFERENCES image (sha256),
        kind TEXT NOT NULL,
        bits TEXT NOT NULL CHECK (length(bits) = 16),
        PRIMARY KEY (sha256, kind)
    ) STRICT
    """,
    """
    CREATE TABLE score (
        sha256 TEXT NOT NULL REFERENCES image (sha256),
        check_name TEXT NOT NULL,
        value REAL NOT NULL,
        PRIMARY KEY (sha256, check_name)
    ) STRICT
    """,
)

CURATION = (
    # Append-only: an undo is one more verdict. The newest of a person beats every rule's.
    """
    CREATE TABLE verdict (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL REFERENCES image (sha256),
        decision TEXT NOT NULL CHECK (decision IN ('keep', 'drop')),
        by TEXT NOT NULL CHECK (by IN ('rule', 'person')),
        reason TEXT NOT NULL,
        detail TEXT,
        label TEXT,
        made_at TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX verdict_sha256 ON verdict (sha256)",
    """
    CREATE TABLE opinion (
        a TEXT NOT NULL REFERENCES image (sha256),
        b TEXT NOT NULL REFERENCES image (sha256),
        same INTEGER NOT NULL CHECK (same IN (0, 1)),
        said_at TEXT NOT NULL,
        PRIMARY KEY (a, b),
        CHECK (a < b)
    ) STRICT
    """,
    """
    CREATE TABLE member (
        sha256 TEXT PRIMARY KEY REFERENCES image (sha256),
        component TEXT,
        keeper TEXT,
        relation TEXT,
        phash INTEGER,
        dhash INTEGER,
        difference REAL
    ) STRICT
    """,
    """
    CREATE TABLE placement (
        sha256 TEXT PRIMARY KEY REFERENCES image (sha256),
        label TEXT NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('train', 'val', 'test')),
        path TEXT NOT NULL,
        placed_at TEXT NOT NULL
    ) STRICT
    """,
)
