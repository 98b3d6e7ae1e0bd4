"""No vector is computed twice, a crash loses at most one batch, and what is known is right."""

import hashlib
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete

from core.retrieval.embedder import BATCH
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store
from core.store.tables import VectorRow
from tests.core.retrieval.counting import CountingEmbedder

anywhere = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = [f"text {number}" for number in range(5 * BATCH + 10)]


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def vectors(store: Store, embedder: CountingEmbedder) -> Vectors:
    return Vectors(store, embedder)


def expected(embedder: CountingEmbedder, texts: list[str]) -> np.ndarray:
    rows = [embedder.row(text) for text in texts]
    return np.array(rows, np.float32).reshape(len(texts), embedder.dimensions)


class Stop(Exception):
    """What a report raises."""


def test_the_text_that_stands_for_a_behavior() -> None:
    text = embedded_text("behavior_halve_first", "When a diameter is given, halve it first.")
    assert text == "behavior halve first: When a diameter is given, halve it first."


def test_a_digest_is_the_first_half_of_the_sha256() -> None:
    assert Vectors.digest("Größe") == hashlib.sha256("Größe".encode()).hexdigest()[:32]


def test_nothing_is_known_at_first(vectors: Vectors, embedder: CountingEmbedder) -> None:
    matrix, mask = vectors.known(["a", "b", "a"])
    assert (matrix.shape, matrix.dtype, mask.tolist()) == ((3, 8), np.float32, [False] * 3)
    assert not matrix.any()
    assert vectors.missing(["b", "a", "b"]) == ["b", "a"]
    assert embedder.calls == []


def test_no_texts(vectors: Vectors, embedder: CountingEmbedder) -> None:
    matrix, mask = vectors.known([])
    assert (matrix.shape, mask.shape) == ((0, 8), (0,))
    assert vectors.of([]).shape == (0, 8)
    assert vectors.missing([]) == []
    assert embedder.calls == []


def test_known_and_missing_part_the_texts(vectors: Vectors, embedder: CountingEmbedder) -> None:
    vectors.fill(["a", "c"])
    for _again in range(2):  # from memory, too
        matrix, mask = vectors.known(["a", "b", "c", "a"])
        assert mask.tolist() == [True, False, True, True]
        assert np.array_equal(matrix[mask], expected(embedder, ["a", "c", "a"]))
        assert not matrix[1].any()
        assert vectors.missing(["a", "b", "c", "a"]) == ["b"]


@anywhere
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=20))
def test_vectors_stand_in_the_order_of_their_texts(store: Store, texts: list[str]) -> None:
    embedder = CountingEmbedder()
    for vectors in (Vectors(store, embedder), Vectors(store, embedder)):
        assert np.array_equal(vectors.of(texts), expected(embedder, texts))
    assert vectors.missing(texts) == []


def test_no_vector_is_computed_twice(
    store: Store, vectors: Vectors, embedder: CountingEmbedder
) -> None:
    first = vectors.of([*MANY, *MANY])
    assert np.array_equal(vectors.of(MANY), first[: len(MANY)])
    after_a_restart = Vectors(store, embedder)
    assert np.array_equal(after_a_restart.of(MANY), first[: len(MANY)])
    assert set(embedder.asked.values()) == {1}
    assert embedder.calls == [BATCH] * 5 + [10]


def test_embedders_do_not_share(store: Store, vectors: Vectors, embedder: CountingEmbedder) -> None:
    vectors.fill(["a"])
    wider = CountingEmbedder("wider", 16)
    assert Vectors(store, wider).missing(["a"]) == ["a"]
    assert Vectors(store, wider).of(["a"]).shape == (1, 16)
    assert vectors.of(["a"]).shape == (1, 8)
    assert (embedder.asked["a"], wider.asked["a"]) == (1, 1)


def test_a_crash_loses_at_most_one_batch(
    store: Store, vectors: Vectors, embedder: CountingEmbedder
) -> None:
    embedder.breaks_at = 3
    with pytest.raises(BrokenPipeError):
        vectors.of(MANY)
    after = CountingEmbedder()
    again = Vectors(store, after)
    assert again.known(MANY)[1].sum() == 2 * BATCH
    assert np.array_equal(again.of(MANY), expected(after, MANY))
    assert not embedder.asked & after.asked


def test_a_report_sees_the_batches_and_can_stop_them(
    store: Store, vectors: Vectors, embedder: CountingEmbedder
) -> None:
    seen: list[tuple[int, int]] = []

    def stop_at_two(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 2 * BATCH:
            raise Stop

    total = len(MANY)
    with pytest.raises(Stop):
        vectors.of([*MANY, MANY[0]], stop_at_two)
    assert seen == [(0, total), (BATCH, total), (2 * BATCH, total)]
    assert Vectors(store, embedder).known(MANY)[1].sum() == 2 * BATCH
    seen.clear()
    vectors.of(MANY, lambda done, total: seen.append((done, total)))
    assert (seen[0], seen[-1]) == ((2 * BATCH, total), (total, total))
    assert set(embedder.asked.values()) == {1}


def test_threads_that_want_the_same_compute_it_once(
    vectors: Vectors, embedder: CountingEmbedder
) -> None:
    embedder.go_on.clear()
    threads = [threading.Thread(target=vectors.fill, args=(MANY,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert embedder.begun.wait(20)
    embedder.go_on.set()
    for thread in threads:
        thread.join(20)
    assert set(embedder.asked.values()) == {1}
    assert vectors.known(MANY)[1].all()


def test_what_was_read_or_computed_is_not_read_again(store: Store, vectors: Vectors) -> None:
    vectors.fill(["a", "b"])
    other = Vectors(store, CountingEmbedder())
    other.known(["a"])
    with store.write() as session:
        session.exec(delete(VectorRow))
    assert vectors.known(["a", "b"])[1].tolist() == [True, True]
    assert other.known(["a", "b"])[1].tolist() == [True, False]


def test_what_another_program_adds_is_seen(store: Store, vectors: Vectors) -> None:
    assert vectors.missing(["a"]) == ["a"]
    Vectors(store, CountingEmbedder()).fill(["a"])
    assert vectors.missing(["a"]) == []
    assert vectors.known(["a"])[1].all()


@pytest.mark.parametrize("rows", [0, 1, BATCH, 3 * BATCH])
def test_little_memory_changes_no_result(
    store: Store, embedder: CountingEmbedder, rows: int
) -> None:
    vectors = Vectors(store, embedder, memory_bytes=rows * 4 * embedder.dimensions)
    for texts in (MANY, MANY[: 2 * BATCH], MANY[BATCH:], MANY):
        assert np.array_equal(vectors.of(texts), expected(embedder, texts))
    assert set(embedder.asked.values()) == {1}


def test_a_matrix_belongs_to_its_caller(vectors: Vectors, embedder: CountingEmbedder) -> None:
    for _again in range(2):
        matrix = vectors.of(["a", "b"])
        assert np.array_equal(matrix, expected(embedder, ["a", "b"]))
        matrix[:] = 0


def test_vectors_are_stored_little_endian(store: Store, embedder: CountingEmbedder) -> None:
    Vectors(store, embedder).fill(["a"])
    with store.read() as session:
        row = session.get(VectorRow, ("counting", Vectors.digest("a")))
        assert row is not None
        assert row.vector == embedder.row("a").astype("<f4").tobytes()
