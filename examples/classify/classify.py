"""What is in a photo? The likeliest of ImageNet's 1,000 classes, printed and drawn.

python classify.py photo.jpg
python classify.py https://example.org/photo.jpg --network xception --top 10
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared import command, models, pictures

import networks


def draw(found: list[tuple[str, float]], title: str, path: Path) -> None:
    """Draw the classes as horizontal bars, the likeliest on top."""
    import matplotlib as mpl

    mpl.use("agg")  # a file, no window
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(8, 0.6 * len(found) + 1.2), layout="constrained")
    bars = axis.barh([name for name, _ in found], [share for _, share in found])
    axis.bar_label(bars, fmt="%.3f", padding=3)
    axis.invert_yaxis()
    axis.set(xlim=(0, 1.1), xlabel="share", title=title)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    """Classify one file or address."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("photo", help="a file, or an http(s) address")
    options.add_argument("--network", choices=networks.STOCK, default=networks.DEFAULT)
    options.add_argument("--top", type=command.positive, default=5)
    options.add_argument("--chart", type=Path, default=Path("classes.png"), help="where to draw")
    models.add_weights(options)
    chosen = options.parse_args()
    picture = pictures.read_place(chosen.photo)
    network = networks.load(chosen.network, chosen.weights)
    found = network.best(picture, chosen.top)
    for name, share in found:
        print(f"{name:<32} {share:.3f}")
    draw(found, f"{Path(chosen.photo).name} by {network.name}", chosen.chart)
    print(f"chart: {chosen.chart}")


if __name__ == "__main__":
    command.run(main)
