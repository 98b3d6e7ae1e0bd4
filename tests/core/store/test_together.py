"""Writes of many threads in one transaction: nothing is lost, kept twice, or told too early."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from core.store import Session, Store, handbooks
from core.store.together import Together

PATIENCE = 60


class Transactions:
    """Counts them, and holds the first until it is let go."""

    def __init__(self, store: Store):
        self.store, self.count = store, 0
        self.begun, self.go = threading.Event(), threading.Event()

    @contextmanager
    def __call__(self) -> Iterator[Session]:
        self.count += 1
        self.begun.set()
        assert self.go.wait(PATIENCE)
        with self.store.write() as session:
            yield session


def adding(slug: str):
    return lambda session: handbooks.add_handbook(slug, slug, session=session).slug


def slugs(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(book.slug for book in handbooks.handbooks(session=session))


@pytest.fixture
def held(store: Store) -> Transactions:
    return Transactions(store)


def all_waiting(together: Together, number: int) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE * 100):
        if len(together._waiting) == number:
            return
        pause.wait(0.01)
    raise AssertionError(f"{len(together._waiting)} wait, not {number}")


def test_what_comes_meanwhile_is_one_transaction(store: Store, held: Transactions) -> None:
    together = Together(held)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(together.do, adding("first"))
        assert held.begun.wait(PATIENCE)
        others = [pool.submit(together.do, adding(f"book-{n}")) for n in range(8)]
        all_waiting(together, 8)
        assert not any(one.done() for one in (first, *others))
        held.go.set()
        assert first.result(PATIENCE) == "first"
        assert [one.result(PATIENCE) for one in others] == [f"book-{n}" for n in range(8)]
    assert held.count == 2
    assert len(slugs(store)) == 9


def test_one_that_fails_takes_nobody_along(store: Store, held: Transactions) -> None:
    together = Together(held)

    def fail(session: Session) -> None:
        adding("half")(session)
        raise ValueError("no")

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.do, adding("first"))
        assert held.begun.wait(PATIENCE)
        others = [pool.submit(together.do, work) for work in (adding("a"), fail, adding("b"))]
        all_waiting(together, 3)
        held.go.set()
        assert (first.result(PATIENCE), others[0].result(PATIENCE)) == ("first", "a")
        assert others[2].result(PATIENCE) == "b"
        with pytest.raises(ValueError, match="no"):
            others[1].result(PATIENCE)
    assert slugs(store) == ["a", "b", "first"]


def test_many_threads_keep_each_once(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(store.write_together, (adding(f"book-{n}") for n in range(200))))
    assert sorted(kept) == slugs(store) == sorted(f"book-{n}" for n in range(200))
