"""The indexes of handbooks, in step with the store: what is accepted can be found, nothing else.

Before each look the handbook's last step is read; if another one was taken since, here or in any
other program, what it touched is brought up to date. So that a start is quick, an index is kept in
a file. The store is right and the file is not: when it is read it is compared with the store, and
what differs, or all of it, is made again.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.retrieval import index_file
from core.retrieval.embedder import Matrix
from core.retrieval.index import Found, Index
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store, history
from core.store import vectors as rows

MOST_HELD = 8
SAVED_AFTER = 0.05  # of it was changed

Text = tuple[int, str, str]


@dataclass
class Held:
    """An index as of a step of its handbook; `digests` name the text behind each vector."""

    index: Index
    digests: dict[int, str]
    step: int
    unsaved: int = 0


class Indexes:
    """The indexes of one embedder. Safe from several threads; several programs may share a folder.

    What was accepted and has no vector yet is embedded on the way, which takes long for thousands:
    a screen computes the vectors in a job first.
    """

    def __init__(self, store: Store, vectors: Vectors, folder: Path):
        self._store = store
        self._vectors = vectors
        self._folder = folder
        self._held: OrderedDict[int, Held] = OrderedDict()
        self._locks: dict[int, threading.Lock] = {}
        self._lock = threading.Lock()

    def search(self, handbook_id: int, query: Matrix, k: int) -> Found:
        """The `k` accepted behaviors most alike to a vector of unit length."""
        with self._current(handbook_id) as held:
            return held.index.search(query, k)

    def search_many(self, handbook_id: int, queries: Matrix, k: int) -> list[Found]:
        """The same for each row, all in one state of the handbook."""
        with self._current(handbook_id) as held:
            return [held.index.search(query, k) for query in queries]

    def scores(self, handbook_id: int, query: Matrix, ids: Sequence[int]) -> dict[int, float]:
        """The cosine similarity of those of the ids that are accepted."""
        with self._current(handbook_id) as held:
            there = [number for number in ids if number in held.digests]
            found = held.index.rows(there).astype(np.float64) @ query.astype(np.float64)
        return dict(zip(there, found.tolist(), strict=True))

    def rows(self, handbook_id: int, ids: Sequence[int]) -> tuple[list[int], Matrix]:
        """Those of the ids that are accepted still, in their order, and their vectors."""
        with self._current(handbook_id) as held:
            there = [number for number in ids if number in held.digests]
            return there, held.index.rows(there)

    def contents(self, handbook_id: int) -> dict[int, str]:
        """Behavior id -> digest of the text its vector stands for."""
        with self._current(handbook_id) as held:
            return dict(held.digests)

    @contextmanager
    def _current(self, handbook_id: int) -> Iterator[Held]:
        with self._lock:
            lock = self._locks.setdefault(handbook_id, threading.Lock())
        with lock:
            held = self._held.get(handbook_id)
            if held is None or not self._catch_up(handbook_id, held):
                held = self._opened(handbook_id)
            with self._lock:
                self._held[handbook_id] = held
                self._held.move_to_end(handbook_id)
                while len(self._held) > MOST_HELD:
                    self._held.popitem(last=False)
            yield held

    def _opened(self, handbook_id: int) -> Held:
        """From its file, compared with the store; or made from the store."""
        with self._store.read() as session:
            step = history.last_number(handbook_id, session=session)
            texts = rows.texts(handbook_id, ("accepted",), session=session)
        kept = index_file.read(self._path(handbook_id), self._vectors.embedder.dimensions)
        if kept is None:
            vectors = self._vectors.of([embedded_text(name, line) for _id, name, line in texts])
            held = Held(Index([number for number, *_ in texts], vectors), _digests(texts), step)
            held.unsaved = len(texts)
        else:
            index, digests = kept
            held = Held(index, digests, step)
            self._match(held, texts, gone=set(digests) - {number for number, *_ in texts})
        self._save_if_changed(handbook_id, held)
        return held

    def _catch_up(self, handbook_id: int, held: Held) -> bool:
        """Whether it could be done: a store that was put back to an earlier copy tells nothing."""
        with self._store.read() as session:
            step = history.last_number(handbook_id, session=session)
            if step <= held.step:
                return step == held.step
            touched = history.touched_since(handbook_id, held.step, session=session)
            texts = rows.texts(handbook_id, ("accepted",), ids=touched, session=session)
        self._match(held, texts, gone=touched - {number for number, *_ in texts})
        held.step = step
        self._save_if_changed(handbook_id, held)
        return True

    def _match(self, held: Held, texts: Sequence[Text], gone: set[int]) -> None:
        """Makes the index hold these texts, and what is gone no more."""
        digests = _digests(texts)
        changed = [text for text in texts if held.digests.get(text[0]) != digests[text[0]]]
        # The vectors first: where an embedder fails, the index stays as it was.
        vectors = self._vectors.of([embedded_text(name, line) for _id, name, line in changed])
        held.index.remove(list(gone))
        if changed:
            held.index.put([number for number, *_ in changed], vectors)
        for number in gone:
            held.digests.pop(number, None)
        held.digests.update((number, digests[number]) for number, *_ in changed)
        held.unsaved += len(changed) + len(gone)

    def _save_if_changed(self, handbook_id: int, held: Held) -> None:
        if held.unsaved > SAVED_AFTER * len(held.digests):
            index_file.write(self._path(handbook_id), held.index, held.digests)
            held.unsaved = 0

    def _path(self, handbook_id: int) -> Path:
        return self._folder / f"{handbook_id}-{self._vectors.embedder.name}.npz"


def _digests(texts: Sequence[Text]) -> dict[int, str]:
    return {number: Vectors.digest(embedded_text(name, line)) for number, name, line in texts}
