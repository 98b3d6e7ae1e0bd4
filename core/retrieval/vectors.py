"""The vectors of texts, computed once for each embedder and kept for good in the database.

What was read or computed stays in memory, within a bound. No index and no search: they build on
this.
"""

import hashlib
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.retrieval.embedder import BATCH, Embedder, Matrix
from core.retrieval.rows import Rows
from core.store import Store
from core.store import vectors as vector_rows

MEMORY_BYTES = 400_000_000
STORED = np.dtype("<f4")
Progress = Callable[[int, int], None]


def embedded_text(name: str, instruction: str) -> str:
    """The text that stands for a behavior wherever behaviors are found by meaning."""
    return f"{name.replace('_', ' ')}: {instruction}"


class Vectors:
    """The vectors of one embedder. Safe from several threads; several programs may share a store.

    Matrices are float32 of shape (texts, dimensions) with rows of unit length, in the order of the
    texts, and belong to the caller.
    """

    def __init__(self, store: Store, embedder: Embedder, memory_bytes: int = MEMORY_BYTES):
        self.embedder = embedder
        self._store = store
        self._rows = Rows(embedder.dimensions, memory_bytes // (4 * embedder.dimensions))
        self._computing = threading.Lock()

    @staticmethod
    @lru_cache(maxsize=1 << 17)  # whoever looks for neighbours asks for all of a handbook each time
    def digest(text: str) -> str:
        """Names a text: the first half of its sha256."""
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def known(self, texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
        """The vectors there are, and a mask of the texts that have one; other rows are zero."""
        return self.known_digests([self.digest(text) for text in texts])

    def known_digests(self, digests: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
        """The same for texts that are named by their digests."""
        held, places = self._rows.find(digests)
        mask = places >= 0
        if mask.all():
            return held[places], mask
        matrix = np.zeros((len(digests), self.embedder.dimensions), np.float32)
        matrix[mask] = held[places[mask]]
        self._read(digests, matrix, mask)
        return matrix, mask

    def missing(self, texts: Sequence[str]) -> list[str]:
        """The texts without a vector, each once, in their order."""
        named = {self.digest(text): text for text in texts}
        _held, places = self._rows.find(list(named))
        unread = [digest for digest, place in zip(named, places, strict=True) if place < 0]
        if not unread:
            return []
        with self._store.read() as session:
            kept = vector_rows.kept_digests(self.embedder.name, unread, session=session)
        return [named[digest] for digest in unread if digest not in kept]

    def fill(self, texts: Sequence[str], report: Progress | None = None) -> None:
        """Computes what is missing. Each batch is committed at once, so a crash loses at most one.

        `report` sees how many of the differing texts have a vector, and their number; what it
        raises ends the work after a committed batch.
        """
        wanted = self.missing(texts)
        total = len(set(texts))
        done = total - len(wanted)
        if report:
            report(done, total)
        wanted.sort(key=len)  # texts of one length fill a batch without padding
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            self._compute(batch)
            done += len(batch)
            if report:
                report(done, total)

    def of(self, texts: Sequence[str], report: Progress | None = None) -> Matrix:
        """The vectors of all texts, after filling in what is missing."""
        self.fill(texts, report)
        return self.known(texts)[0]

    def _compute(self, batch: Sequence[str]) -> None:
        with self._computing:  # another thread may have wanted the same texts
            texts = self.missing(batch)
            if not texts:
                return
            matrix = self.embedder.embed(texts)
            digests = [self.digest(text) for text in texts]
            stored = [row.tobytes() for row in matrix.astype(STORED, copy=False)]
            kept = dict(zip(digests, stored, strict=True))
            with self._store.write() as session:
                vector_rows.put_vectors(self.embedder.name, kept, session=session)
            self._rows.add(digests, matrix)

    def _read(self, digests: Sequence[str], matrix: Matrix, mask: NDArray[np.bool_]) -> None:
        """Fills rows of `matrix` that the mask lacks from the database, and marks them there."""
        lacking = np.flatnonzero(~mask).tolist()
        wanted = list(dict.fromkeys(digests[at] for at in lacking))
        with self._store.read() as session:
            found = vector_rows.vectors(self.embedder.name, wanted, session=session)
        stored = np.frombuffer(b"".join(found.values()), STORED)
        rows = stored.reshape(len(found), self.embedder.dimensions).astype(np.float32, copy=False)
        self._rows.add(list(found), rows)
        number = {digest: n for n, digest in enumerate(found)}
        for at in lacking:
            if (n := number.get(digests[at])) is not None:
                matrix[at], mask[at] = rows[n], True
