"""A page with a form: upload a picture, read the flower and its share.

python form.py --model flowers.keras --port 8800
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared import command, models, pictures
from shared.service import (
    TOO_LARGE,
    Answerer,
    make_app,
    read_rest,
    sentence,
    serve_model,
    thumbnail,
    uploaded,
)

from flask import Flask, render_template


def create_app(model: Path) -> Flask:
    """The form over one trained model."""
    app = make_app(__name__)
    answerer = Answerer(*models.load(model))

    @app.get("/")
    def form() -> str:
        return render_template("form.html")

    @app.post("/")
    def answered() -> tuple[str, int]:
        try:
            picture = uploaded()
        except pictures.PictureError as error:
            return render_template("form.html", error=sentence(error)), 400
        found = answerer.best(picture)
        return render_template("form.html", found=found, shown=thumbnail(picture)), 200

    @app.errorhandler(413)
    def too_large(_: Exception) -> tuple[str, int]:
        read_rest()
        return render_template("form.html", error=TOO_LARGE), 413

    return app


if __name__ == "__main__":
    command.run(lambda: serve_model(create_app, "flowers.keras", 8800, __doc__))
