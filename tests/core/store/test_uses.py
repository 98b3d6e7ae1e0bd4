"""Where behaviors were used: the rows that are found, and no others."""

import pytest

from core.store import Store, choices, handbooks, outcomes, runs, uses
from core.store.records import Handbook, Run

GIVEN = {"id": 7, "name": "behavior_count", "instruction": 'Say "id": 8.', "topic": "Sums"}
OTHER = {**GIVEN, "id": 71, "name": "behavior_halve"}


@pytest.fixture
def book(store: Store) -> Handbook:
    with store.write() as session:
        return handbooks.add_handbook("book", "Book", session=session)


def add_run(store: Store, book: Handbook | None, kind: str = "evaluate", drawn: str = "") -> Run:
    arms = [{"label": "bci", "kind": "bci-topic", "model": "m", "handbook": drawn}]
    with store.write() as session:
        ids = [runs.keep_problem(f"P{n}", None, "", {}, session=session) for n in range(2)]
        return runs.add_run(
            kind=kind,
            title="A run",
            handbook_id=book.id if book else None,
            problem_ids=ids,
            params={"arms": arms, "handbook": {"slug": "book"}},
            by="ann",
            session=session,
        )


def add_trace(store: Store, run: Run, place: int = 0, **fields: object) -> int:
    known = {"arm": "bci", "stage": "solve", "endpoint": "e", "model": "m", "prompt_hash": "h"}
    with store.write() as session:
        return runs.add_trace(
            run_id=run.id, problem_id=run.problem_ids[place], session=session, **{**known, **fields}
        ).id


def test_runs_on_a_handbook_and_those_that_draw_on_it(store: Store, book: Handbook) -> None:
    own, compared = add_run(store, book), add_run(store, book, "compare")
    drawn = add_run(store, None, drawn="book")
    for wrong in ("book-raw", "boo", "my-book"):
        add_run(store, None, drawn=wrong)
    add_run(store, book, "solve")
    with store.read() as session:
        found = uses.runs_on(book.id, "book", session=session)
        assert [run.id for run in found] == [own.id, compared.id, drawn.id]
        found = uses.runs_on(book.id, "book", uses.EVALUATIONS, session=session)
        assert [run.id for run in found] == [own.id, drawn.id]


def test_what_solutions_were_given_and_say(store: Store, book: Handbook) -> None:
    run = add_run(store, book)
    first = add_trace(store, run, given=[GIVEN, OTHER], text="A", thinking="B")
    second = add_trace(store, run, sample=1, text="C")
    add_trace(store, run, stage="judge", given=[GIVEN])
    add_trace(store, run, arm="plain", given=[GIVEN])
    add_trace(store, add_run(store, book), given=[GIVEN])
    count, halve = uses.Gift(**GIVEN), uses.Gift(**OTHER)
    with store.read() as session:
        assert list(uses.readings(run.id, ["bci"], session=session)) == [
            uses.Reading(first, (count, halve), "B", "A"),
            uses.Reading(second, (), "", "C"),
        ]
        assert uses.given(run.id, ["bci"], session=session) == {first: (count, halve), second: ()}
        assert uses.given(run.id, [], session=session) == {}
        problem, another, *_ = run.problem_ids
        of_it = uses.given(run.id, ["bci"], of={problem}, session=session)
        assert of_it == {first: (count, halve), second: ()}
        assert uses.given(run.id, ["bci"], of={another}, session=session) == {}


def test_many_readings_come_in_pieces(
    store: Store, book: Handbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "BATCH", 2)
    run = add_run(store, book)
    ids = [add_trace(store, run, sample=number) for number in range(5)]
    with store.read() as session:
        assert [one.trace_id for one in uses.readings(run.id, ["bci"], session=session)] == ids


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (None, [0, 1]),
        ({7}, [0]),
        ({71}, [0, 1]),
        ({8}, []),  # an instruction that looks like the number
        (set(), []),
        ({7, *range(100, 120)}, [0]),
    ],
)
def test_choices_that_have_a_behavior(
    store: Store, book: Handbook, wanted: set[int] | None, places: list[int]
) -> None:
    run, other = add_run(store, book), add_run(store, book)
    with store.write() as session:
        first, second = run.problem_ids
        choices.put_choices(run.id, first, {"bci": [GIVEN, OTHER]}, session=session)
        choices.put_choices(run.id, second, {"bci": [OTHER]}, session=session)
        choices.put_choices(other.id, first, {"bci": [GIVEN]}, session=session)
    with store.read() as session:
        found = uses.choices([run.id], of=wanted, session=session)
        numbers = uses.problems_chosen_for([run.id], session=session)
    assert sorted(run.problem_ids.index(one.problem_id) for one in found) == places
    assert numbers == {(run.id, "bci"): 2}


def test_how_some_problems_ended(store: Store, book: Handbook) -> None:
    run = add_run(store, book)
    right = add_trace(store, run, finish_reason="stop", params={"max_tokens": 90})
    add_trace(store, run, attempt=2, finish_reason="error")
    add_trace(store, run, attempt=3)  # still on its way
    add_trace(store, run, 1, finish_reason="stop")
    add_trace(store, run, stage="judge", finish_reason="stop")
    add_trace(store, run, arm="plain", finish_reason="stop")
    with store.write() as session:
        runs.set_verdict(right, correct=True, grader="rule", session=session)
    first = run.problem_ids[0]
    with store.read() as session:
        found = outcomes.solutions_of(run.id, [first], ["bci"], session=session)
        assert outcomes.solutions_of(run.id, [], ["bci"], session=session) == []
    told = [(one.key, one.finish_reason, one.max_tokens, one.correct) for one in found]
    assert told == [
        ((first, "bci", 0), "stop", 90, True),
        ((first, "bci", 0), "error", 0, None),
    ]
    assert found[0].counts_before(found[1]) and not found[1].counts_before(found[0])
