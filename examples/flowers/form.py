"""A page with a form: upload a picture, read the flower and its share.

python form.py --model flowers.keras --port 8800
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from flask import Flask, render_template
from shared import models, pictures
from shared.service import Answerer, make_app, thumbnail, uploaded


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
            text = str(error)
            return render_template("form.html", error=text[:1].upper() + text[1:]), 400
        found = answerer.best(picture)
        return render_template("form.html", found=found, shown=thumbnail(picture)), 200

    return app


def main() -> None:
    """Serve on the loopback until Ctrl-C."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--model", type=Path, default=Path("flowers.keras"))
    options.add_argument("--port", type=int, default=8800)
    chosen = options.parse_args()
    create_app(chosen.model).run("127.0.0.1", chosen.port, threaded=True)


if __name__ == "__main__":
    main()
