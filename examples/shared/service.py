"""What the Flask pages share: one uploaded picture read, answered, or refused in one line."""

from __future__ import annotations

import base64
import threading
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException

from . import pictures

if TYPE_CHECKING:
    import keras
    from PIL import Image

# A form's own lines come on top of the picture.
_UPLOAD = pictures.BYTES + 2**16


def make_app(name: str) -> Flask:
    """A Flask app that takes one picture a request and answers every error as JSON."""
    app = Flask(name)
    app.config["MAX_CONTENT_LENGTH"] = _UPLOAD

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Any:
        words = {413: f"The picture is larger than {pictures.BYTES // 2**20} MB"}
        return jsonify(error=words.get(error.code or 0, error.description)), error.code or 500

    @app.errorhandler(pictures.PictureError)
    def unreadable(error: pictures.PictureError) -> Any:
        text = str(error)
        return jsonify(error=text[:1].upper() + text[1:]), 400

    return app


def uploaded(field: str = "picture") -> Image.Image:
    """The picture that the request brings in a form's `field`, or as its whole body."""
    sent = request.files.get(field)
    if sent is not None and sent.filename:
        return pictures.read(sent.read(), "the picture")
    if request.mimetype.startswith("image/") or request.mimetype == "application/octet-stream":
        return pictures.read(request.get_data(cache=False), "the picture")
    raise pictures.PictureError(f"no picture was sent: send a file in the field '{field}'")


def thumbnail(picture: Image.Image, side: int = 480) -> str:
    """A small copy of a picture as a data: URL, so that nothing a visitor sends is kept."""
    small = picture.copy()
    small.thumbnail((side, side))
    written = BytesIO()
    small.save(written, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(written.getvalue()).decode()


class Answerer:
    """One model that answers for one picture at a time, from any number of threads."""

    def __init__(self, model: keras.Model, labels: list[str]) -> None:
        self._model = model
        self._labels = labels
        self._size = tuple(model.input_shape[1:3])
        self._lock = threading.Lock()

    def best(self, picture: Image.Image, count: int = 3) -> list[dict[str, Any]]:
        """The likeliest labels with their shares, the best first."""
        batch = pictures.batch([picture], self._size)
        with self._lock:  # Keras' models promise nothing about threads
            shares = np.asarray(self._model.predict_on_batch(batch))[0]
        order = np.argsort(shares)[::-1][:count]
        return [{"label": self._labels[one], "share": float(shares[one])} for one in order]
