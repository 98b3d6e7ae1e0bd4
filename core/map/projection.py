"""From vectors to places in two or three dimensions.

PCA for a first sketch and for handbooks too small for more; UMAP (McInnes, Healy and Melville,
2018) else, in a process of its own, because it compiles itself for many seconds and holds the
interpreter while it works. New texts are placed among the old ones, which do not move.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from core.errors import VademecumError

Matrix = NDArray[np.float32]
Places = NDArray[np.float64]
# Below that many texts, UMAP's neighbourhoods would hold nearly all of them.
UMAP_FROM = 30
EXTENT = 10.0  # the largest coordinate of a layout, on either side
# Texts that are placed look to that many others, each by exp(similarity / WARMTH).
NEIGHBOURS = 5
WARMTH = 0.05
LOOK_SECONDS = 0.3
PROJECT_FOLDER = Path(__file__).parents[2]


def pca(rows: Matrix, dimensions: int) -> Places:
    """Shape (rows, dimensions): the main axes of the vectors; always the same for the same ones."""
    places = np.zeros((len(rows), dimensions))
    if len(rows) < 2:
        return places
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    _values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :dimensions]
    strongest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[strongest, np.arange(axes.shape[1])])
    places[:, : axes.shape[1]] = centred @ axes
    return fitted(places)


def umap(rows: Matrix, dimensions: int, seed: int, watch: Callable[[], None]) -> Places:
    """Shape (rows, dimensions). `watch` is called again and again; what it raises ends the work."""
    with TemporaryDirectory() as folder:
        given, made = Path(folder) / "rows.npz", Path(folder) / "places.npy"
        np.savez(given, rows=rows, start=pca(rows, dimensions), seed=seed)
        command = [sys.executable, "-m", "core.map.umap_process", str(given), str(made)]
        process = subprocess.Popen(
            command,
            cwd=PROJECT_FOLDER,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            while process.poll() is None:
                watch()
                time.sleep(LOOK_SECONDS)
        finally:
            process.kill()
            _out, told = process.communicate()
        if process.returncode or not made.exists():
            last = told.strip().splitlines()[-1] if told.strip() else "no reason was given"
            raise VademecumError(f"The map could not be laid out: {last}. Try again.")
        return fitted(np.load(made, allow_pickle=False))


def place(new: Matrix, rows: Matrix, places: Places) -> tuple[Places, NDArray[np.intp]]:
    """Where new vectors stand among old ones, and for each new one its nearest old ones.

    A new one stands at the mean of its NEIGHBOURS nearest, weighted by similarity. Shapes:
    (new, dimensions), and (new, neighbours) with the nearest first.
    """
    if not len(rows):
        return np.zeros((len(new), places.shape[1])), np.empty((len(new), 0), np.intp)
    scores = (new @ rows.T).astype(np.float64)
    nearest = np.argsort(-scores, axis=1, kind="stable")[:, :NEIGHBOURS]
    near = np.take_along_axis(scores, nearest, axis=1)
    weights = np.exp((near - near[:, :1]) / WARMTH)
    weights /= weights.sum(axis=1, keepdims=True)
    return (places[nearest] * weights[:, :, None]).sum(axis=1), nearest


def spread(rows: Matrix) -> bool:
    """Whether there is anything to lay out: not where all vectors are the same."""
    return len(rows) > 1 and bool(np.ptp(rows, axis=0).max() > 1e-6)


def fitted(places: Places) -> Places:
    """The same around the origin, the largest coordinate being EXTENT."""
    if not len(places):
        return places
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    moved: Places = places.astype(np.float64) - middle
    largest = float(np.abs(moved).max())
    return moved * (EXTENT / largest) if largest > 1e-12 else np.zeros_like(moved)
