"""Looking at a training: its course, its report, and pictures with what the model says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import keras

mpl.use("agg")  # files, no window

from matplotlib import pyplot as plt
from sklearn.metrics import classification_report

_ROW = 6  # pictures in a row of a grid


@dataclass(frozen=True)
class Answers:
    """What a model says of one split: numbers of labels, and the likelihood of each."""

    truth: np.ndarray
    said: np.ndarray
    shares: np.ndarray
    pictures: np.ndarray


def ask(model: keras.Model, split: Any, *, keep: int = 24) -> Answers:
    """Ask for every picture of a split; the first `keep` pictures are kept for a grid."""
    truth, shares, pictures = [], [], []
    kept = 0
    for batch, labels in split:
        numbers = np.asarray(labels)
        truth.append(numbers.argmax(axis=1) if numbers.ndim > 1 else numbers.ravel())
        shares.append(np.asarray(model.predict_on_batch(batch)))
        if kept < keep:
            pictures.append(np.asarray(batch)[: keep - kept])
            kept += len(pictures[-1])
    joined = np.concatenate(shares)
    return Answers(
        np.concatenate(truth).astype(int), joined.argmax(axis=1), joined, np.concatenate(pictures)
    )


def report(answers: Answers, labels: Sequence[str]) -> str:
    """Accuracy, and precision, recall and F1 of every label."""
    return str(
        classification_report(
            answers.truth,
            answers.said,
            labels=range(len(labels)),
            target_names=list(labels),
            digits=3,
            zero_division=0,
        )
    )


def draw_course(history: Any, path: Path) -> None:
    """Plot loss and accuracy by epoch, for train and val."""
    accuracy = next(name for name in history.history if name.endswith("accuracy"))
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for axis, measure in zip(axes, ("loss", accuracy), strict=True):
        epochs = range(1, len(history.history[measure]) + 1)
        axis.plot(epochs, history.history[measure], marker="o", label="train")
        axis.plot(epochs, history.history[f"val_{measure}"], marker="o", label="val")
        axis.set(xlabel="epoch", title=measure.replace("_", " "))
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_grid(pictures: Sequence[Any], titles: Sequence[str], path: Path) -> None:
    """Draw pictures in rows, each under its title; `!` before a title makes it red."""
    rows = -(-len(pictures) // _ROW)
    figure, axes = plt.subplots(
        rows, _ROW, figsize=(2 * _ROW, 2.3 * rows), layout="constrained", squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture, title in zip(axes.flat, pictures, titles, strict=False):
        axis.imshow(np.asarray(picture).clip(0, 255).astype("uint8"))
        axis.set_title(title.lstrip("!"), fontsize=9, color="red" if title[:1] == "!" else "black")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_labels(split: Any, labels: Sequence[str], path: Path) -> None:
    """Draw the first pictures of a split with their labels: a look before the training."""
    batch, numbers = next(iter(split))
    numbers = np.asarray(numbers)
    truth = numbers.argmax(axis=1) if numbers.ndim > 1 else numbers.astype(int).ravel()
    draw_grid(np.asarray(batch)[:24], [labels[one] for one in truth[:24]], path)


def draw_answers(answers: Answers, labels: Sequence[str], path: Path) -> None:
    """Draw pictures with what the model says, and in red what is so instead."""
    titles = [
        labels[said] if said == truth else f"!{labels[said]}\n(is {labels[truth]})"
        for said, truth in zip(answers.said, answers.truth, strict=True)
    ]
    draw_grid(answers.pictures, titles, path)


def look_back(
    model: keras.Model, history: Any, split: Any, labels: Sequence[str], path: Path
) -> None:
    """Draw a training's course and the answers on a split beside the model; print the report."""
    draw_course(history, path.with_suffix(".course.png"))
    answers = ask(model, split)
    draw_answers(answers, labels, path.with_suffix(".answers.png"))
    print(report(answers, labels))
