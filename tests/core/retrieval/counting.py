"""An embedder without a model: quick, repeatable, and it counts what it was asked."""

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.retrieval.embedder import Matrix


class CountingEmbedder:
    """`asked` counts the texts; `breaks_at` is the number of the call that fails.

    A call waits for `go_on`; `begun` is set once the first is waiting.
    """

    def __init__(self, name: str = "counting", dimensions: int = 8):
        self.name = name
        self.dimensions = dimensions
        self.asked: Counter[str] = Counter()
        self.calls: list[int] = []  # texts of each
        self.breaks_at: int | None = None
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.begun.set()
        assert self.go_on.wait(20)
        if len(self.calls) + 1 == self.breaks_at:
            raise BrokenPipeError("as a crash would")
        self.calls.append(len(texts))
        self.asked.update(texts)
        return np.array([self.row(text) for text in texts], np.float32)

    def row(self, text: str) -> Matrix:
        """The vector of a text: numbers drawn from its digest."""
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        drawn = np.random.default_rng(seed).normal(size=self.dimensions)
        return (drawn / np.linalg.norm(drawn)).astype(np.float32)
