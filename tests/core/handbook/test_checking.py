"""Each fault that is planted in the tables is found, and told in a sentence."""

import re
from collections.abc import Callable

import pytest

from core.errors import NotFound
from core.handbook import checking, curation, merging, shelf, undo, versions
from core.handbook.curation import Draft
from core.store import Store
from tests.core.handbook.curators import Curator
from tests.core.samples import add_run, add_trace

Sql = Callable[[str], None]


@pytest.fixture
def book(store: Store) -> Curator:
    """a and b accepted, c rejected, d merged into a, which was edited; one version."""
    ann = Curator(store)
    with store.write() as session:
        trace = add_trace(session, add_run(session), stage="extract")
        drafts = [Draft(f"behavior_{name}", f"Do {name}.", trace_id=trace.id) for name in "abcd"]
        a, b, c, d = curation.propose(ann.id, drafts, by="a-model", session=session)
    curation.decide_many(store, ann.id, "accept", {a.id: 1, b.id: 1}, by="ann")
    curation.reject(store, c.id, version=1, by="ann")
    merging.merge(store, {a.id: 2, d.id: 1}, into=a.id, text={"topic": "Sums"}, by="ann")
    curation.edit(store, b.id, {"avoid_when": "Never."}, version=2, by="bob")
    versions.name_version(store, "book", "spring", by="ann")
    return ann


@pytest.fixture
def sql(book: Curator) -> Sql:
    """Writes past every guard, straight into the tables."""

    def run(statement: str) -> None:
        with book.store.read() as session:
            connection = session.connection().connection
            connection.execute("ROLLBACK")
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("DROP INDEX IF EXISTS behavior_accepted_name")
            connection.execute(statement)
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("BEGIN")

    return run


def test_a_handbook_as_the_program_leaves_it_is_sound(book: Curator) -> None:
    assert checking.check(book.store, "book") == []
    with pytest.raises(NotFound, match="'nobodys'"):
        checking.check(book.store, "nobodys")


def test_near_copies_and_drafts_are_no_faults(book: Curator, store: Store) -> None:
    for name in ("x", "y"):
        curation.write(store, book.id, Draft(f"behavior_{name}", "Do the same."), by="ann")
    with store.write() as session:
        curation.propose(book.id, [Draft("behavior_x", "Else.")], by="a-model", session=session)
    undo.undo(store, book.id, by="ann")
    assert checking.check(store, "book") == []


CHANGED = "is not what its history leads to"
FAULTS = {
    "a name": (
        "UPDATE behavior SET name = 'Halve' WHERE id = 1",
        [r"Halve \(number 1\): the name has to be", rf"Halve \(number 1\): its name {CHANGED}"],
    ),
    "an instruction": (
        "UPDATE behavior SET instruction = '' WHERE id = 2",
        ["the instruction is empty", f"its instruction {CHANGED}"],
    ),
    "an avoid_when": (
        "UPDATE behavior SET avoid_when = 'x' || char(10) WHERE id = 2",
        ["the avoid_when has to be one line", f"its avoid_when {CHANGED}"],
    ),
    "a topic": ("UPDATE behavior SET topic = 'x' WHERE id = 3", [f"its topic {CHANGED}"]),
    "tags": ("UPDATE behavior SET tags = '[\"x\"]' WHERE id = 3", [f"its tags {CHANGED}"]),
    "a status": (
        "UPDATE behavior SET status = 'proposed' WHERE id = 3",
        [f"its status {CHANGED}"],
    ),
    "one name twice": (
        "UPDATE behavior SET name = 'behavior_a' WHERE id = 2",
        ["2 accepted behaviors are called behavior_a", f"its name {CHANGED}"],
    ),
    "merged into nothing": (
        "UPDATE behavior SET merged_into = NULL WHERE id = 4",
        ["is merged, but into nothing", f"its merged_into {CHANGED}"],
    ),
    "merged into nobody": (
        "UPDATE behavior SET merged_into = 99 WHERE id = 4",
        ["merged into number 99, which is not in here", f"its merged_into {CHANGED}"],
    ),
    "merged into itself": (
        "UPDATE behavior SET merged_into = 4 WHERE id = 4",
        ["merged into itself", f"its merged_into {CHANGED}"],
    ),
    "merged in a circle": (
        "UPDATE behavior SET status = 'merged', merged_into = 4 WHERE id = 1",
        [
            r"behavior_a \(number 1\) is merged in a circle",
            r"behavior_d \(number 4\) is merged in a circle",
            f"its merged_into, status {CHANGED}",
        ],
    ),
    "a pointer that means nothing": (
        "UPDATE behavior SET merged_into = 1 WHERE id = 3",
        ["is rejected, but points to number 1", f"its merged_into {CHANGED}"],
    ),
    "an operation that was changed": (
        "UPDATE operation SET after = '{\"avoid_when\": \"Always.\"}' WHERE kind = 'edit'",
        [f"its avoid_when {CHANGED}"],
    ),
    "an operation that is gone": (
        "DELETE FROM operation WHERE kind = 'reject'",
        ["Step 3 has 0 operations and says 1", f"its status {CHANGED}"],
    ),
    "a beginning that is gone": (
        "DELETE FROM operation WHERE behavior_id = 3 AND kind = 'propose'",
        [
            r"Operation \d+ \(reject\) changes behavior_c \(number 3\), which was not there yet",
            "Step 1 has 3 operations and says 4",
            f"its .*instruction, .* {CHANGED}",
        ],
    ),
    "no history at all": (
        "DELETE FROM operation WHERE behavior_id = 3",
        [r"behavior_c \(number 3\) has no history", "Step 1 has 3", "Step 3 has 0"],
    ),
    "a second beginning": (
        "INSERT INTO operation"
        " (step_id, handbook_id, behavior_id, kind, before, after, why, by, at)"
        " SELECT step_id, handbook_id, behavior_id, kind, before, after, why, by, at FROM operation"
        " WHERE behavior_id = 3 AND kind = 'propose'",
        [
            r"\(propose\) begins behavior_c \(number 3\), which was there before",
            "Step 1 has 5 operations and says 4",
            f"its status {CHANGED}",
        ],
    ),
    "a break in the history": (
        "UPDATE operation SET before = '{\"status\": \"accepted\"}' WHERE kind = 'reject'",
        [r"\(reject\) found another status than the history had left"],
    ),
    "an operation on a stranger": (
        "UPDATE operation SET behavior_id = 99 WHERE kind = 'reject'",
        [r"\(reject\) is about number 99, which is not in this handbook", f"its status {CHANGED}"],
    ),
    "a step that is gone": (
        "UPDATE step SET number = 17 WHERE number = 2",
        ["steps are not numbered one after the other"],
    ),
    "a version of nothing": (
        "UPDATE version SET step = 99",
        ["The version 'spring' names step 99, which does not exist"],
    ),
    "a source of nobody": (
        "UPDATE source SET behavior_id = 99 WHERE behavior_id = 3",
        ["Source 3 belongs to behavior 99, which does not exist"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, book: Curator, sql: Sql) -> None:
    statement, sentences = FAULTS[fault]
    sql(statement)
    found = checking.check(book.store, "book")
    for sentence in sentences:
        assert any(_matches(sentence, told) for told in found), found
    told = [one for one in found if not any(_matches(sentence, one) for sentence in sentences)]
    assert told == []
    assert all(one.endswith(".") for one in found)


def _matches(pattern: str, sentence: str) -> bool:
    return re.search(pattern, sentence) is not None


def test_the_head_is_compared_too(book: Curator, sql: Sql) -> None:
    shelf.describe(book.store, "book", {"title": "New"}, by="ann")
    assert checking.check(book.store, "book") == []
    sql("UPDATE handbook SET title = 'Old'")
    assert checking.check(book.store, "book") == [f"The handbook's title {CHANGED}."]
