"""What retrieval draws on, read once for each state of it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import ModelUnavailable
from core.retrieval.embedder import Matrix
from core.retrieval.indexes import Indexes
from core.retrieval.keywords import Keywords
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store, history, problem_sets
from core.store import behaviors as rows
from core.store.records import Behavior

MOST_LABELLED = 20_000  # problems that vote on a topic


@dataclass(frozen=True)
class _Voters:
    """The labelled problems as of a stamp; so many of them lack a vector and do not vote."""

    stamp: int
    rows: Matrix
    topics: list[str]
    lacking: int


class Sources:
    """What a search draws on: indexes, keywords, labelled problems. Safe from several threads.

    There may be no embedder; what needs one then raises ModelUnavailable.
    """

    def __init__(self, store: Store, vectors: Vectors | None, indexes: Indexes | None):
        self._store = store
        self._vectors = vectors
        self._indexes = indexes
        self._keywords: dict[int, tuple[int, Keywords]] = {}
        self._voters: _Voters | None = None
        self._lock = threading.Lock()

    def needed(self) -> tuple[Vectors, Indexes]:
        if self._vectors is None or self._indexes is None:
            raise ModelUnavailable(
                "Finding behaviors by meaning needs an embedder, and none is downloaded. Fetch one "
                "on the Models screen, or with `python -m core models pull all-minilm-l6-v2`; or "
                "give the topic and retrieve by topic."
            )
        return self._vectors, self._indexes

    @property
    def can_embed(self) -> bool:
        return self._vectors is not None

    def of_topic(self, handbook_id: int, topic: str) -> list[int]:
        """The accepted behaviors of a topic, by name."""
        with self._store.read() as session:
            return rows.ids_of_topic(handbook_id, topic, session=session)

    def behaviors(self, ids: Sequence[int]) -> dict[int, Behavior]:
        with self._store.read() as session:
            return rows.behaviors_by_id(ids, session=session)

    def topics(self, handbook_id: int) -> list[str]:
        """The topics of what is accepted."""
        with self._store.read() as session:
            return [topic for topic in rows.accepted_topics(handbook_id, session=session) if topic]

    def label_of(self, problem: str) -> str:
        """The topic of a problem that the store knows; empty where it knows none."""
        with self._store.read() as session:
            return problem_sets.label_of(problem.strip(), session=session)

    def keywords(self, handbook_id: int) -> Keywords:
        """Made anew when the handbook has changed."""
        with self._lock, self._store.read() as session:
            step = history.last_number(handbook_id, session=session)
            held = self._keywords.get(handbook_id)
            if held is None or held[0] != step:
                texts = rows.instructions(handbook_id, session=session)
                ids = [number for number, *_ in texts]
                made = Keywords(ids, [embedded_text(name, line) for _id, name, line in texts])
                held = self._keywords[handbook_id] = (step, made)
            return held[1]

    def labelled(self) -> tuple[Matrix, list[str]]:
        """The vectors and topics of the labelled problems that have a vector."""
        vectors, _indexes = self.needed()
        with self._lock:
            with self._store.read() as session:
                stamp = problem_sets.labelled_stamp(session=session)
                if self._voters is None or self._voters.stamp != stamp or self._voters.lacking:
                    found = problem_sets.labelled(session=session)[-MOST_LABELLED:]
                    self._voters = _voters(stamp, found, vectors)
            return self._voters.rows, self._voters.topics


def _voters(stamp: int, labelled: Sequence[tuple[str, str]], vectors: Vectors) -> _Voters:
    matrix, known = vectors.known([text for text, _topic in labelled])
    topics = [topic for (_text, topic), has in zip(labelled, known, strict=True) if has]
    return _Voters(stamp, matrix[known], topics, int((~known).sum()))
