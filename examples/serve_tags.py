"""Tags for photos, in batches, over HTTP: what a gallery asks of a scene classifier.

    python examples/serve_tags.py scenes.keras --port 8500
    curl -s localhost:8500/tags -d '["'$(base64 -w0 photo.jpg)'"]'     →   [["beach", "sunset"]]

A POST to /tags holds a JSON list of pictures in base64; the answer is a list of tags for each.
The rule: the best label alone if it is surer than 0.9; else the best two if together they pass
0.5; else "Unknown". A picture that cannot be read is null. The labels lie beside the model as
`.txt`, one a line, as examples/scenes_mobilenet.py leaves them.
"""

# ruff: noqa: T201 - an example prints what it found

from __future__ import annotations

import argparse
import base64
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import keras
import numpy as np
from PIL import Image, ImageOps

ALONE, TOGETHER, BATCH = 0.9, 0.5, 32


def tags(shares: np.ndarray, labels: list[str]) -> list[str]:
    """The tags of one picture from its labels' shares (which sum to 1)."""
    first, second = np.argsort(shares)[::-1][:2]
    if shares[first] > ALONE:
        return [labels[first]]
    if shares[first] + shares[second] > TOGETHER:
        return [labels[first], labels[second]]
    return ["Unknown"]


def pixels(data: bytes, size: tuple[int, int]) -> np.ndarray | None:
    """A picture upright, cropped to the model's shape and resized, as in training."""
    try:
        with Image.open(BytesIO(data)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError):
        return None
    array = np.asarray(picture, dtype="float32")
    return keras.ops.convert_to_numpy(keras.preprocessing.image.smart_resize(array, size))


def tag_all(model: keras.Model, labels: list[str], pictures: list[bytes]) -> list[list[str] | None]:
    """Tags for each picture, read and predicted a batch at a time; None for one unreadable."""
    size = tuple(model.input_shape[1:3])
    told: list[list[str] | None] = []
    for start in range(0, len(pictures), BATCH):
        read = [pixels(data, size) for data in pictures[start : start + BATCH]]
        whole = [array for array in read if array is not None]
        shares = iter(model.predict(np.stack(whole), verbose=0) if whole else ())
        told += [None if array is None else tags(next(shares), labels) for array in read]
    return told


def main() -> None:
    """Serve on the loopback until Ctrl-C."""
    options = argparse.ArgumentParser()
    options.add_argument("model", type=Path)
    options.add_argument("--port", type=int, default=8500)
    chosen = options.parse_args()
    model = keras.saving.load_model(chosen.model)
    labels = chosen.model.with_suffix(".txt").read_text().split()

    class Tags(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                pictures = [base64.b64decode(text) for text in json.loads(body)]
                answer, status = tag_all(model, labels, pictures), 200
            except (ValueError, TypeError) as error:
                answer, status = {"error": f"expected a JSON list of base64 texts: {error}"}, 400
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = HTTPServer(("127.0.0.1", chosen.port), Tags)
    print(f"tags for photos: http://127.0.0.1:{server.server_address[1]}/tags", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
