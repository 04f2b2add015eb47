"""The catalogue's tables, as a list of named migrations: constraints carry the promises.

A migration is applied together with its record in one transaction, and never edited once
released: what changes later is a new one at the end. `PRAGMA user_version` is the number of
migrations applied, so that a catalogue from a newer pixset is known at once.

Rows name each other by small integers, digests are blobs and moments are seconds: a picture
costs about 1.2 KB besides its thumb. Thumbs have a table of their own, so that reading what was
measured reads no pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import compact
from .schema_0_1 import CURATION, PIXELS, WEB
from .schema_labels import LABELS
from .views import LICENSED_SIGHTINGS, VIEWS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

PAGE_SIZE = 16_384  # bytes: five thumbs a page; of 4,096 each thumb would leave a third empty

_WEB = (
    # One search is one query put to one engine for one label. `query` is the query's canonical
    # JSON. A search without an outcome was begun and never ended. `asked` is this engine's part
    # of `term_limit`, which is over all engines.
    """
    CREATE TABLE search (
        id INTEGER PRIMARY KEY,
        label TEXT NOT NULL,
        engine TEXT NOT NULL,
        query TEXT NOT NULL,
        term TEXT NOT NULL,
        stratum TEXT,
        lang TEXT,
        outcome TEXT CHECK (outcome IN ('limit', 'exhausted', 'empty', 'consent', 'captcha',
            'rate-limited', 'blocked', 'unreachable', 'suspect', 'stuck', 'layout-changed',
            'browser-lost', 'imported')),
        detail TEXT,
        asked INTEGER NOT NULL CHECK (asked >= 0),
        term_limit INTEGER,
        found INTEGER NOT NULL DEFAULT 0 CHECK (found >= 0),
        started_at TEXT NOT NULL,
        finished_at TEXT,
        UNIQUE (label, engine, query),
        CHECK ((outcome IS NULL) = (finished_at IS NULL))
    ) STRICT
    """,
    # Who claimed what, where, at which rank. `preview_url` never holds picture bytes: a data:
    # URI is replaced by 'data:' and the SHA-256 of what it decodes to.
    """
    CREATE TABLE sighting_row (
        id INTEGER PRIMARY KEY,
        search INTEGER NOT NULL REFERENCES search (id),
        key TEXT NOT NULL,
        rank INTEGER NOT NULL CHECK (rank >= 1),
        image_url TEXT,
        preview_url TEXT,
        page_url TEXT,
        title TEXT,
        claimed_width INTEGER,
        claimed_height INTEGER,
        stratum TEXT,
        seen_at INTEGER NOT NULL,
        UNIQUE (search, key)
    ) STRICT
    """,
    # `freed_at`: the bytes were given up (`forget --unused`), the record stays.
    """
    CREATE TABLE image_row (
        id INTEGER PRIMARY KEY,
        sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
        path TEXT NOT NULL UNIQUE CHECK (path NOT LIKE '/%' AND path NOT LIKE '%\\%'),
        bytes INTEGER NOT NULL CHECK (bytes > 0),
        extension TEXT NOT NULL,
        added_at INTEGER NOT NULL,
        freed_at INTEGER
    ) STRICT
    """,
    # Every URL has one fate: a picture or a failure, never both, never neither. A `final_url`
    # of '=' is the URL itself.
    """
    CREATE TABLE fetched_row (
        url TEXT PRIMARY KEY,
        image INTEGER REFERENCES image_row (id),
        failure TEXT,
        status INTEGER,
        final_url TEXT,
        content_type TEXT,
        x_robots_tag TEXT,
        etag TEXT,
        last_modified TEXT,
        via TEXT NOT NULL CHECK (via IN ('browser', 'http', 'inline', 'import')),
        fetched_at INTEGER NOT NULL,
        CHECK ((image IS NULL) <> (failure IS NULL))
    ) STRICT, WITHOUT ROWID
    """,
    # Which picture stands for which sighting.
    """
    CREATE TABLE labelled_row (
        sighting INTEGER NOT NULL REFERENCES sighting_row (id),
        image INTEGER NOT NULL REFERENCES image_row (id),
        source TEXT NOT NULL CHECK (source IN ('preview', 'original', 'fallback', 'import')),
        rank INTEGER NOT NULL CHECK (rank >= 1),
        PRIMARY KEY (sighting, image)
    ) STRICT, WITHOUT ROWID
    """,
)

_PIXELS = (
    # Names of fingerprints and checks, which the packed columns of `facts` refer to.
    "CREATE TABLE measure (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    # By which version of which measurement a picture was measured: JSON, name → version.
    "CREATE TABLE measuring (id INTEGER PRIMARY KEY, versions TEXT NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE facts_row (
        image INTEGER PRIMARY KEY REFERENCES image_row (id),
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
        fingerprints BLOB NOT NULL CHECK (length(fingerprints) % 10 = 0),
        scores BLOB NOT NULL CHECK (length(scores) % 10 = 0),
        measuring INTEGER NOT NULL REFERENCES measuring (id)
    ) STRICT
    """,
    # All thumbs begin with the same tables: those are kept once. `crc` is the thumb's CRC-32: a
    # damaged one is as good as none, and its picture is measured anew.
    "CREATE TABLE thumb_head (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE thumb (
        image INTEGER PRIMARY KEY REFERENCES facts_row (image),
        head INTEGER NOT NULL REFERENCES thumb_head (id),
        rest BLOB NOT NULL,
        crc INTEGER NOT NULL
    ) STRICT
    """,
    # Absence is not a value: what cannot be decoded is here, and has no facts, no fingerprint.
    """
    CREATE TABLE unreadable_row (
        image INTEGER PRIMARY KEY REFERENCES image_row (id),
        why TEXT NOT NULL,
        detail TEXT,
        measuring INTEGER NOT NULL REFERENCES measuring (id)
    ) STRICT
    """,
)

_DECISIONS = (
    # A step is what one command or one click decided, and what one undo takes back. `voids`: an
    # undo that makes a statement as if it had never been made (of a rule's step it is 0).
    """
    CREATE TABLE step (
        id INTEGER PRIMARY KEY,
        what TEXT NOT NULL,
        made_at TEXT NOT NULL,
        undoes INTEGER UNIQUE REFERENCES step (id),
        voids INTEGER NOT NULL DEFAULT 0 CHECK (voids IN (0, 1))
    ) STRICT
    """,
    # Append-only: an undo is one more step. The newest of a person beats every rule's.
    """
    CREATE TABLE verdict_row (
        id INTEGER PRIMARY KEY,
        step INTEGER NOT NULL REFERENCES step (id),
        image INTEGER NOT NULL REFERENCES image_row (id),
        decision TEXT NOT NULL CHECK (decision IN ('keep', 'drop')),
        by TEXT NOT NULL CHECK (by IN ('rule', 'person')),
        reason TEXT NOT NULL,
        detail TEXT,
        label TEXT
    ) STRICT
    """,
    # What a person states of a pair: duplicates (must link) or not. Append-only, too.
    """
    CREATE TABLE link (
        id INTEGER PRIMARY KEY,
        step INTEGER NOT NULL REFERENCES step (id),
        a INTEGER NOT NULL REFERENCES image_row (id),
        b INTEGER NOT NULL REFERENCES image_row (id),
        must INTEGER NOT NULL CHECK (must IN (0, 1)),
        CHECK (a < b)
    ) STRICT
    """,
    """
    CREATE TABLE member_row (
        image INTEGER PRIMARY KEY REFERENCES image_row (id),
        split_group INTEGER REFERENCES image_row (id),
        keeper INTEGER REFERENCES image_row (id),
        relation TEXT,
        phash INTEGER,
        dhash INTEGER,
        difference REAL
    ) STRICT
    """,
    # What the comparison of a pair found, by the version of the comparison. `why` is interned.
    "CREATE TABLE wording (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE pair_result (
        a INTEGER NOT NULL REFERENCES image_row (id),
        b INTEGER NOT NULL REFERENCES image_row (id),
        version INTEGER NOT NULL,
        kind INTEGER NOT NULL REFERENCES wording (id),
        likeness REAL NOT NULL,
        difference REAL NOT NULL,
        why INTEGER NOT NULL REFERENCES wording (id),
        PRIMARY KEY (a, b)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE placement_row (
        image INTEGER PRIMARY KEY REFERENCES image_row (id),
        label TEXT NOT NULL,
        split TEXT NOT NULL CHECK (split IN ('train', 'val', 'test')),
        path TEXT NOT NULL,
        placed_at INTEGER NOT NULL
    ) STRICT
    """,
    # Values that belong to the whole dataset, such as what the last families were made from.
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    # Tombstones: a picture that was forgotten never comes back. Hashes only, nothing to see.
    """
    CREATE TABLE forgotten (
        sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
        phash BLOB,
        dhash BLOB,
        forgotten_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

# What pictures are to one another, by the version of the rules that `setting` names: pairs that are
# more than two other pictures, kind and why as wordings (NULL: not laid over one another so far),
# likeness in ten-thousandths, difference in hundredths; and the pictures of which every pair was
# met. No release has written the table that this replaces.
PAIRS = (
    "DROP TABLE pair_result",
    """
    CREATE TABLE pair_result (
        a INTEGER NOT NULL REFERENCES image_row (id),
        b INTEGER NOT NULL REFERENCES image_row (id),
        reasons INTEGER NOT NULL,
        kind INTEGER REFERENCES wording (id),
        why INTEGER REFERENCES wording (id),
        likeness INTEGER,
        difference INTEGER,
        PRIMARY KEY (a, b)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX pair_result_b ON pair_result (b)",
    """
    CREATE TABLE compared (
        image INTEGER PRIMARY KEY REFERENCES image_row (id),
        mark INTEGER NOT NULL
    ) STRICT
    """,
)

# Made once the rows are there: the old tables' indices have given their names free by then.
_INDICES = (
    "CREATE INDEX labelled_image ON labelled_row (image)",
    "CREATE INDEX verdict_image ON verdict_row (image, by)",
    "CREATE INDEX verdict_step ON verdict_row (step)",
    "CREATE INDEX pair_result_b ON pair_result (b)",
)


@dataclass(frozen=True, slots=True)
class Migration:
    """A name, statements in order, and what then carries rows over, where it takes code.

    `rewrites` marks one that leaves much of the file empty: it is then written anew.
    """

    name: str
    statements: tuple[str, ...]
    carry: Callable[[sqlite3.Connection], None] | None = None
    rewrites: bool = False


# Append only: a released migration is never edited.
MIGRATIONS: tuple[Migration, ...] = (
    Migration("web: searches, sightings, fates and images", WEB),
    Migration("pixels: facts, fingerprints and scores", PIXELS),
    Migration("judgement: verdicts, opinions, families and placements", CURATION),
    Migration(
        "compact: small rows, versions of measurements, steps, pair results, tombstones",
        (*compact.SET_ASIDE, *_WEB, *_PIXELS, *_DECISIONS, *VIEWS),
        lambda connection: compact.carry_over(connection, _INDICES),
        rewrites=True,
    ),
    # JSON of scraper.search.counts: results, originals, previews, on_topic, extractors.
    Migration("searches: what was counted", ("ALTER TABLE search ADD COLUMN counts TEXT",)),
    # As an openly licensed source states them, whole names and addresses.
    Migration(
        "sightings: licences and creators",
        (
            *(
                f"ALTER TABLE sighting_row ADD COLUMN {name} TEXT"
                for name in ("licence", "licence_url", "creator", "creator_url")
            ),
            *LICENSED_SIGHTINGS,
        ),
    ),
    Migration("pairs: in small numbers, and which pictures were compared", PAIRS),
    Migration("labels: features by a model, and what it finds", LABELS),
    Migration("facts: trainable", ("ALTER TABLE facts_row ADD COLUMN trainable TEXT",)),
)
