"""Retrieval: which accepted behaviors of a handbook a problem gets, ranked, and why.

By topic (all of the problem's topic), by embedding (the most alike by meaning) or hybrid (ranks by
meaning and by words fused). What a model is then told is the business of `core.pipeline.condition`.
"""

from collections.abc import Sequence

from core.errors import BadInput
from core.retrieval.embedder import Matrix
from core.retrieval.keywords import shared_words
from core.retrieval.query import Hit, K, Query, Retrieved, check
from core.retrieval.ranking import diverse, fused
from core.retrieval.sources import Sources
from core.retrieval.topics import VOTERS, TopicVote, vote
from core.retrieval.vectors import embedded_text
from core.store.records import Behavior

# So many times K are looked at where ranks are fused or variety is asked for.
DEPTH = 5


def retrieve(source: Sources, handbook_id: int, query: Query) -> Retrieved:
    """Raises ModelUnavailable where an embedder is needed and none is there."""
    check(query)
    return _Search(source, handbook_id, query).result()


def similarities(source: Sources, handbook_id: int, problem: str, upto: int) -> list[float]:
    """The similarities of the best `upto` behaviors, falling: what a larger K would bring."""
    vectors, indexes = source.needed()
    found = indexes.search(handbook_id, vectors.of([problem])[0], upto).scores
    return [float(score) for score in found]


class _Search:
    """One retrieval: what it has found out so far."""

    def __init__(self, source: Sources, handbook_id: int, query: Query):
        self.source = source
        self.book = handbook_id
        self.query = query
        self.vector = self._vector()
        self.votes = TopicVote({})
        self.similarity: dict[int, float] = {}
        self.keyword: dict[int, float] = {}

    def result(self) -> Retrieved:
        query = self.query
        topic = self._topic()
        ranked = self._ranked(topic)
        wanted = [n for n in dict.fromkeys(query.pinned) if n not in query.dropped]
        pinned = self.source.behaviors(wanted)
        self._check_pinned(wanted, pinned)
        self._measure(wanted)
        chosen = [*wanted, *(n for n in ranked if n not in pinned)][: query.k]
        behaviors = self.source.behaviors(chosen)
        hits = [self._hit(rank, b, ranked, topic) for rank, b in enumerate(behaviors.values(), 1)]
        return Retrieved(query.by, topic, self.votes, tuple(hits))

    def _vector(self) -> Matrix | None:
        if self.query.by == "topic" and not self.source.can_embed:
            return None
        vectors, _indexes = self.source.needed()
        matrix = vectors.of([self.query.problem])
        return matrix.reshape(-1)

    def _topic(self) -> str:
        """As given, or as the problem is labelled, in the handbook's spelling; else found."""
        given = self.query.topic.strip() or self.source.label_of(self.query.problem)
        if given:
            known = self.source.topics(self.book)
            return given if given in known else _by_reading(known).get(given.casefold(), given)
        return self._found_topic() if self.source.can_embed or self.query.by == "topic" else ""

    def _found_topic(self) -> str:
        """By a vote of the nearest labelled problems and accepted behaviors."""
        _vectors, indexes = self.source.needed()
        assert self.vector is not None  # noqa: S101  else `needed` has raised
        near = indexes.search(self.book, self.vector, VOTERS)
        accepted = self.source.behaviors(near.ids.tolist())
        matrix, labels = self.source.labelled()
        scores = [*(matrix @ self.vector).tolist(), *near.scores.tolist()]
        labels = [*labels, *(accepted[n].topic if n in accepted else "" for n in near.ids.tolist())]
        known = _by_reading(self.source.topics(self.book))  # one without behaviors is of no use
        voting = [
            (score, known[label.casefold()])
            for score, label in zip(scores, labels, strict=True)
            if label.casefold() in known
        ]
        self.votes = vote([score for score, _ in voting], [topic for _, topic in voting])
        return self.votes.topic

    def _ranked(self, topic: str) -> dict[int, float | None]:
        """Id -> score, the best first, without what is dropped or not similar enough."""
        if self.query.by == "topic":
            ranked = self._by_topic(topic)
        elif self.query.by == "embedding":
            ranked = self._by_embedding()
        else:
            ranked = self._hybrid()
        floor = self.query.at_least
        ranked = {
            number: score
            for number, score in ranked.items()
            if number not in self.query.dropped
            and (not floor or self.similarity.get(number, 1.0) >= floor)
        }
        return self._varied(ranked)

    def _by_topic(self, topic: str) -> dict[int, float | None]:
        ids = self.source.of_topic(self.book, topic) if topic else []
        if self.vector is None:
            return dict.fromkeys(ids)
        self._measure(ids)
        found = {number: self.similarity.get(number) for number in ids}
        return dict(sorted(found.items(), key=lambda item: (-(item[1] or 0.0), item[0])))

    def _by_embedding(self) -> dict[int, float | None]:
        _vectors, indexes = self.source.needed()
        assert self.vector is not None  # noqa: S101
        found = indexes.search(self.book, self.vector, self._depth())
        self.similarity = dict(zip(found.ids.tolist(), found.scores.tolist(), strict=True))
        return dict(self.similarity)

    def _hybrid(self) -> dict[int, float | None]:
        by_meaning = list(self._by_embedding())
        self.keyword = self.source.keywords(self.book).search(self.query.problem, self._depth())
        self._measure(list(self.keyword))
        return dict(fused([by_meaning, list(self.keyword)]))

    def _varied(self, ranked: dict[int, float | None]) -> dict[int, float | None]:
        k = self.query.k or len(ranked)
        if not self.query.diversity or len(ranked) < 2 or self.vector is None:
            return ranked
        _vectors, indexes = self.source.needed()
        ids, rows = indexes.rows(self.book, list(ranked))
        scores = [ranked[number] or 0.0 for number in ids]
        if self.query.by == "hybrid":  # fused ranks are no similarities; the best gets the best
            best = max((self.similarity.get(number, 0.0) for number in ids), default=0.0)
            scores = [score / max(scores) * best for score in scores]
        places = diverse(scores, rows, k, self.query.diversity)
        return {ids[place]: ranked[ids[place]] for place in places}

    def _measure(self, ids: Sequence[int]) -> None:
        """Finds the similarity of those that have none yet."""
        if self.vector is not None:
            _vectors, indexes = self.source.needed()
            lacking = [number for number in ids if number not in self.similarity]
            self.similarity |= indexes.scores(self.book, self.vector, lacking)

    def _depth(self) -> int:
        wanted = (self.query.k or K) + len(self.query.dropped)
        deep = self.query.by == "hybrid" or self.query.diversity > 0
        return DEPTH * wanted if deep else wanted

    def _check_pinned(self, wanted: Sequence[int], pinned: dict[int, Behavior]) -> None:
        if self.query.k is not None and len(wanted) > self.query.k:
            raise BadInput(
                f"{len(wanted)} behaviors are pinned, and K is {self.query.k}. Raise K or take "
                "some pins back."
            )
        for number in wanted:
            found = pinned.get(number)
            if found is None or found.handbook_id != self.book or found.status != "accepted":
                raise BadInput(
                    f"Behavior {number} cannot be pinned: it is not an accepted one of this "
                    "handbook."
                )

    def _hit(
        self, rank: int, behavior: Behavior, ranked: dict[int, float | None], topic: str
    ) -> Hit:
        number = behavior.id
        text = embedded_text(behavior.name.removeprefix("behavior_"), behavior.instruction)
        shared = tuple(shared_words(self.query.problem, text))
        return Hit(
            rank=rank,
            behavior=behavior,
            score=ranked.get(number, None if self.keyword else self.similarity.get(number)),
            similarity=self.similarity.get(number),
            keyword=self.keyword.get(number),
            shared=shared,
            why=self._why(behavior, topic, shared),
        )

    def _why(self, behavior: Behavior, topic: str, shared: Sequence[str]) -> str:
        reasons = ["pinned"] if behavior.id in self.query.pinned else []
        if topic and behavior.topic == topic:
            reasons.append(f"topic {topic}")
        if behavior.id in self.similarity:
            reasons.append(f"similarity {self.similarity[behavior.id]:.2f}")
        if behavior.id in self.keyword:
            reasons.append(f"number {list(self.keyword).index(behavior.id) + 1} by words")
        if shared:
            reasons.append(f"shared words: {', '.join(shared)}")
        return "; ".join(reasons)


def _by_reading(topics: Sequence[str]) -> dict[str, str]:
    """The topics by how they read without upper case."""
    return {topic.casefold(): topic for topic in topics}
