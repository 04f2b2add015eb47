"""What the Flask pages share: one uploaded picture read, answered, or refused in one line."""

from __future__ import annotations

import argparse
import base64
import threading
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException

from . import command, pictures

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from PIL import Image

# A form's own lines come on top of the picture.
_UPLOAD = pictures.BYTES + 2**16
TOO_LARGE = f"The picture is larger than {pictures.BYTES // 2**20} MB"
# However many visitors come at once, two pictures are decoded at a time, and what waits for the
# network is no larger than this: a picture of 50 megapixels takes 200 MB while it is decoded.
_decoding = threading.BoundedSemaphore(2)
_SIDE = 1200  # pixels


def make_app(name: str) -> Flask:
    """A Flask app that takes one picture a request and answers every error as JSON."""
    app = Flask(name)
    app.config["MAX_CONTENT_LENGTH"] = _UPLOAD

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Any:
        return jsonify(error=error.description), error.code or 500

    @app.errorhandler(413)
    def too_large(_: HTTPException) -> Any:
        read_rest()
        return jsonify(error=TOO_LARGE), 413

    @app.errorhandler(pictures.PictureError)
    def unreadable(error: pictures.PictureError) -> Any:
        return jsonify(error=sentence(error)), 400

    return app


def read_rest() -> None:
    """Read what is left of a body that was refused: a browser hears nothing before it has sent."""
    left = min(request.content_length or 0, 10 * _UPLOAD)
    stream = request.environ["wsgi.input"]
    while left > 0 and (part := stream.read(min(left, 2**16))):
        left -= len(part)


def serve_model(create_app: Callable[[Path], Flask], model: str, port: int, about: str) -> None:
    """Serve a trained model on the loopback until Ctrl-C; `--model` and `--port` say others."""
    options = argparse.ArgumentParser(description=about.partition("\n")[0])
    options.add_argument("--model", type=Path, default=Path(model))
    options.add_argument("--port", type=command.port, default=port)
    chosen = options.parse_args()
    serve(create_app(chosen.model), chosen.port)


def serve(app: Flask, port: int) -> None:
    """Serve on the loopback until Ctrl-C, any number of visitors at once."""
    app.run("127.0.0.1", port, threaded=True)


def sentence(error: Exception) -> str:
    """An error's text as a sentence's beginning."""
    text = str(error)
    return text[:1].upper() + text[1:]


def uploaded(field: str = "picture") -> Image.Image:
    """The picture that the request brings in a form's `field`, or as its whole body."""
    sent = request.files.get(field)
    if sent is not None and sent.filename:
        return _decoded(sent.read())
    if request.mimetype.startswith("image/") or request.mimetype == "application/octet-stream":
        return _decoded(request.get_data(cache=False))
    raise pictures.PictureError(f"no picture was sent: send a file in the field '{field}'")


def _decoded(data: bytes) -> Image.Image:
    with _decoding:
        picture = pictures.read(data, "the picture")
        picture.thumbnail((_SIDE, _SIDE))
    return picture


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
