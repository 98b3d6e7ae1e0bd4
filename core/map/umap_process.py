"""The process in which UMAP works: `python -m core.map.umap_process ROWS.npz PLACES.npy`."""

import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 15
# Enough for a picture; UMAP's own default for up to 10,000 points is 500.
EPOCHS = 200
LARGE = 5_000


def main(given: str, made: str) -> None:
    with np.load(given, allow_pickle=False) as kept:
        rows, start, seed = kept["rows"], kept["start"], int(kept["seed"])
    warnings.simplefilter("ignore")
    np.save(made, laid_out(rows, start, seed))


def laid_out(rows: NDArray[np.float32], start: NDArray[np.float64], seed: int) -> Any:
    """One seed always gives the same places: the layout runs in one thread."""
    near, far = _neighbours(rows, min(NEIGHBOURS, len(rows) - 1))
    # Numbers that are the same would never come apart.
    jitter = np.random.default_rng(seed).normal(scale=1e-3, size=start.shape)
    _stand_in_for_pynndescent()
    model = import_module("umap").UMAP(
        n_components=start.shape[1],
        n_neighbors=near.shape[1],
        min_dist=0.1,
        metric="cosine",
        init=(start + jitter).astype(np.float32),
        n_epochs=EPOCHS if len(rows) > LARGE else None,
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(near, far, None),
        force_approximation_algorithm=True,
    )
    return model.fit_transform(rows)


def _stand_in_for_pynndescent() -> None:
    """UMAP imports it to look for neighbours, which we bring. To import it compiles all its
    distances: over a minute before the first map on a machine.
    """
    asked_for: dict[str, dict[str, Any]] = {
        "pynndescent": {"NNDescent": type("NNDescent", (), {})},
        "pynndescent.distances": {"named_distances": {}},
        "pynndescent.sparse": {"sparse_named_distances": {}},
    }
    for name, holds in asked_for.items():
        stand_in = ModuleType(name)
        vars(stand_in).update(holds)
        sys.modules.setdefault(name, stand_in)


def _neighbours(rows: NDArray[np.float32], k: int) -> tuple[Any, Any]:
    """Each row's `k` nearest by cosine, itself first, and their distances: exactly, by FAISS."""
    faiss = import_module("faiss")
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    scores, near = index.search(rows, k)
    return near.astype(np.int32), np.maximum(1 - scores, 0).astype(np.float32)


if __name__ == "__main__":
    main(*sys.argv[1:])
