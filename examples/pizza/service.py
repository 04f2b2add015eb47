"""A small web service: a picture in, the prediction out.

python service.py --model pizza.keras --port 8600
curl -F picture=@photo.jpg http://127.0.0.1:8600/predict
{"label": "Pizza", "share": 0.97, "all": [...]}
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared import command, models
from shared.service import Answerer, make_app, serve_model, uploaded

from flask import Flask, jsonify


def create_app(model: Path) -> Flask:
    """The service over one trained model."""
    app = make_app(__name__)
    answerer = Answerer(*models.load(model))

    @app.post("/predict")
    def predict() -> Any:
        best = answerer.best(uploaded())
        return jsonify(**best[0], all=best)

    @app.get("/")
    def usage() -> Any:
        return jsonify(use="POST a picture to /predict, in the form field 'picture'")

    return app


if __name__ == "__main__":
    command.run(lambda: serve_model(create_app, "pizza.keras", 8600, __doc__))
