"""The tables of what a model sees in pictures, and of what follows for labels and pairs."""

LABELS = (
    # Half-precision numbers, by what embedded the picture: a model's digest and how it is fed.
    """
    CREATE TABLE feature (
        image INTEGER NOT NULL REFERENCES image_row (id),
        embedder INTEGER NOT NULL REFERENCES wording (id),
        numbers BLOB NOT NULL,
        PRIMARY KEY (embedder, image)
    ) STRICT
    """,
    # The last check of labels: its findings are about the label that a picture had then.
    """
    CREATE TABLE label_finding (
        image INTEGER NOT NULL REFERENCES image_row (id),
        kind TEXT NOT NULL CHECK (kind IN ('label', 'off_topic', 'odd')),
        score REAL NOT NULL,
        label TEXT NOT NULL,
        suggested TEXT,
        PRIMARY KEY (kind, image)
    ) STRICT, WITHOUT ROWID
    """,
    # Pairs that a model takes for two copies or frames of one scene, for a person to say.
    """
    CREATE TABLE proposed_pair (
        a INTEGER NOT NULL REFERENCES image_row (id),
        b INTEGER NOT NULL REFERENCES image_row (id),
        likeness REAL NOT NULL,
        PRIMARY KEY (a, b),
        CHECK (a < b)
    ) STRICT, WITHOUT ROWID
    """,
)
