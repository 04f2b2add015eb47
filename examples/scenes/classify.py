"""Classify one picture: the three likeliest scenes.

python classify.py photo.jpg
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared import command, models, pictures

import numpy as np


def main() -> None:
    """Print the top 3, best first."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("picture", help="a file, or an http(s) address")
    options.add_argument("--model", type=Path, default=Path("scenes.keras"))
    chosen = options.parse_args()
    model, labels = models.load(chosen.model)
    picture = pictures.read_place(chosen.picture)
    shares = model.predict(pictures.batch([picture], model.input_shape[1:3]), verbose=0)[0]
    for one in np.argsort(shares)[::-1][:3]:
        print(f"{labels[one]:<20} {shares[one]:.3f}")


if __name__ == "__main__":
    command.run(main)
