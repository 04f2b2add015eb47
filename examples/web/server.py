"""Drop a photo on a page and read its top three of ImageNet's 1,000 classes.

python server.py --port 8900
"""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "classify")]  # `shared` and `networks`

from shared import command, models
from shared.service import make_app, serve, uploaded

import networks
from flask import Flask, jsonify, render_template

if TYPE_CHECKING:
    from networks import Network

# How many pictures wait for the network at once; the next visitor is told to try again.
WAITING = 32


def create_app(network: Network) -> Flask:
    """The page over one network."""
    app = make_app(__name__)
    predicting = threading.Lock()  # one picture at a time: the networks promise nothing else
    places = threading.BoundedSemaphore(WAITING)

    @app.get("/")
    def page() -> str:
        return render_template("page.html")

    @app.post("/classify")
    def classify() -> Any:
        picture = uploaded("photo")
        if not places.acquire(blocking=False):
            return jsonify(error="Too many photos are waiting: try again in a moment"), 503
        try:
            with predicting:
                best = network.best(picture)
        finally:
            places.release()
        return jsonify(classes=[{"name": name, "share": share} for name, share in best])

    return app


def main() -> None:
    """Serve on the loopback until Ctrl-C."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--network", choices=networks.STOCK, default=networks.DEFAULT)
    options.add_argument("--port", type=command.port, default=8900)
    models.add_weights(options)
    chosen = options.parse_args()
    serve(create_app(networks.load(chosen.network, chosen.weights)), chosen.port)


if __name__ == "__main__":
    command.run(main)
