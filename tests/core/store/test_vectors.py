"""Vectors are kept once for each embedder and text, whoever puts them."""

import subprocess
import sys
import time
from pathlib import Path

from core.settings import Settings
from core.store import Store
from core.store.vectors import kept_digests, put_vectors, texts, vectors
from tests.core.samples import add_behavior, add_handbook

PROJECT = Path(__file__).parents[3]
# Another program that puts the same digests, 20 at a time, as soon as the start file is there.
PROGRAM = """
import sys, time
from pathlib import Path
from core.store import Store
from core.store.vectors import put_vectors

store, mark = Store.open(sys.argv[1]), sys.argv[2].encode()
print("ready", flush=True)
while not Path(sys.argv[3]).exists():
    time.sleep(0.001)
for start in range(0, 1000, 20):
    rows = {str(number): mark for number in range(start, start + 20)}
    with store.write() as session:
        put_vectors("e", rows, session=session)
"""


def _put(store: Store, embedder: str, kept: dict[str, bytes]) -> None:
    with store.write() as session:
        put_vectors(embedder, kept, session=session)


def test_what_is_put_comes_back_under_its_embedder(store: Store) -> None:
    _put(store, "one", {"a": b"1", "b": b"2"})
    _put(store, "two", {"a": b"3"})
    with store.read() as session:
        assert vectors("one", ["b", "a", "c"], session=session) == {"a": b"1", "b": b"2"}
        assert vectors("two", ["a", "b"], session=session) == {"a": b"3"}
        assert vectors("three", ["a"], session=session) == {}
        assert kept_digests("one", ["a", "c"], session=session) == {"a"}


def test_nothing_asked_and_nothing_put(store: Store) -> None:
    _put(store, "one", {})
    with store.read() as session:
        assert vectors("one", [], session=session) == {}
        assert kept_digests("one", [], session=session) == set()


def test_more_digests_than_one_query_takes(store: Store) -> None:
    kept = {str(number): str(number).encode() for number in range(2750)}
    _put(store, "one", kept)
    asked = [*kept, *(f"not {number}" for number in range(500))]
    with store.read() as session:
        assert vectors("one", asked, session=session) == kept
        assert kept_digests("one", asked, session=session) == set(kept)


def test_the_first_vector_stays(store: Store) -> None:
    _put(store, "one", {"a": b"1"})
    _put(store, "one", {"a": b"other", "b": b"2"})
    with store.read() as session:
        assert vectors("one", ["a", "b"], session=session) == {"a": b"1", "b": b"2"}


def test_two_programs_put_the_same_at_once(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    start = tmp_path / "start"
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, settings.database_url, mark, str(start)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for mark in ("x", "y")
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    start.touch()
    time.sleep(0.01)
    for program in programs:
        program.communicate(timeout=60)
        assert program.returncode == 0
    with store.read() as session:
        found = vectors("e", [str(number) for number in range(1000)], session=session)
    assert len(found) == 1000
    assert set(found.values()) <= {b"x", b"y"}


def test_texts_of_a_handbook_by_status(store: Store) -> None:
    with store.write() as session:
        book, other = add_handbook(session, "one"), add_handbook(session, "two")
        ids = [
            add_behavior(session, book, status=status, name=f"behavior_{status}").id
            for status in ("rejected", "merged", "accepted", "withdrawn", "proposed")
        ]
        add_behavior(session, other, status="accepted")
        found = texts(book.id, ("accepted", "rejected"), session=session)
        assert texts(book.id, (), session=session) == []
    instruction = "When a diameter is given, halve it first."
    assert found == [
        (ids[0], "behavior_rejected", instruction),
        (ids[2], "behavior_accepted", instruction),
    ]
