"""Embedders turn texts into vectors; texts of like meaning get vectors that point the same way.

`SentenceEmbedder` runs a folder of sentence-transformers on this machine. Importing that package
takes many seconds, so it happens when the first text is embedded, never before.
"""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable

Matrix = NDArray[np.float32]
BATCH = 64  # texts at a time


class Embedder(Protocol):
    """What turns texts into vectors. One name always means the same vectors."""

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Shape (texts, dimensions), rows of unit length in the order of the texts."""
        ...


class SentenceEmbedder:
    """An embedder of sentence-transformers, on the GPU where torch sees one, else on the CPU.

    Several threads may use it; they take turns by the batch. Nothing is fetched, no code of the
    folder is run and no pickle is read. Raises ModelUnavailable where the folder cannot be used.
    """

    def __init__(self, name: str, folder: Path, dimensions: int, *, threads: int = 2):
        self.name = name
        self.dimensions = dimensions
        self._folder = folder
        self._threads = max(1, threads)
        self._model: Any = None
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Matrix:
        starts = range(0, len(texts), BATCH)
        blocks = [self._embed_batch(texts[start : start + BATCH]) for start in starts]
        return np.concatenate([np.empty((0, self.dimensions), np.float32), *blocks])

    def _embed_batch(self, texts: Sequence[str]) -> Matrix:
        with self._lock:  # neither the loading nor the tokenizer may be entered twice
            self._model = self._model or self._load()
            found = self._model.encode(
                list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(found, dtype=np.float32)

    def _load(self) -> Any:
        if not self._folder.is_dir():
            raise ModelUnavailable(
                f"The embedder {self.name} is not downloaded. Fetch it on the Models screen, or "
                f"with `python -m core models pull {self.name}`."
            )
        model = self._from_folder(_quiet_import(self._threads))
        if (found := model.get_embedding_dimension()) != self.dimensions:
            raise self._unusable(f"its vectors have {found} numbers, not {self.dimensions}")
        return model

    def _from_folder(self, sentence_transformers: Any) -> Any:
        damaged: type[Exception] = import_module("safetensors").SafetensorError
        try:
            return sentence_transformers.SentenceTransformer(
                str(self._folder),
                device="cuda" if import_module("torch").cuda.is_available() else "cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError, KeyError, ImportError, damaged) as error:
            raise self._unusable(str(error)) from error

    def _unusable(self, why: str) -> ModelUnavailable:
        return ModelUnavailable(
            f"The embedder {self.name} cannot be loaded from {self._folder}: {why[:300]}. Remove "
            "it and pull it again."
        )


@dataclass(frozen=True)
class Measured:
    """How an embedder does here. `load_seconds` is 0 or so where it was loaded before."""

    dimensions: int
    load_seconds: float
    texts_per_second: float


SENTENCES = (
    "When the unwanted cases are few, count all cases and subtract the unwanted ones.",
    "To solve a quadratic equation, move everything to one side and factor it.",
)


def measure(embedder: Embedder) -> Measured:
    """Embeds two sentences: once to load and warm up, once to see how long they take."""
    begun = time.monotonic()
    embedder.embed(SENTENCES)
    loaded = time.monotonic()
    vectors = embedder.embed(SENTENCES)
    seconds = max(time.monotonic() - loaded, 1e-6)
    return Measured(vectors.shape[1], loaded - begun, len(SENTENCES) / seconds)


def _quiet_import(threads: int) -> Any:
    """sentence-transformers, set up for this process: no network, no bars, bounded threads.

    Imported by name so that the type checker does not read all of torch.
    """
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # threads that `threads` would not bound
    # What the packages read when they are imported. Beside a busy program (the embedded model, say)
    # threads of torch that wait awake are twenty times slower on one text than threads that sleep.
    wait = os.environ.get("OMP_WAIT_POLICY", "PASSIVE")
    with _environment(HF_HUB_OFFLINE="1", OMP_WAIT_POLICY=wait):
        import_module("torch").set_num_threads(threads)
        import_module("transformers.utils.logging").disable_progress_bar()
        return import_module("sentence_transformers")


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Sets variables for a while; programs that are started later see nothing of it."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
