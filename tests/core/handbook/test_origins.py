"""Where a behavior came from: the problem, the chain of traces, the stretch that names it."""

from core.handbook import curation, merging
from core.handbook.curation import Draft
from core.handbook.origins import AROUND, first_origin, origins, stretch
from core.store import Session, Store, runs
from core.store.records import Behavior, Handbook, Run, Trace
from tests.core.samples import add_handbook, add_run, add_trace

NAME = "behavior_halve_first"


def _chain(session: Session, run: Run, review: str, sample: int = 0) -> tuple[Trace, Trace]:
    """(solve, extract) of one sample."""
    solve = add_trace(session, run, text="The answer is 4.", sample=sample)
    reflect = add_trace(session, run, stage="reflect", text=review, follows=solve.id, sample=sample)
    text = f'{{"name": "{NAME}", "instruction": "Halve."}}'
    extract = add_trace(session, run, stage="extract", text=text, follows=reflect.id, sample=sample)
    return solve, extract


def _propose(session: Session, book: Handbook, trace: Trace, name: str = NAME) -> Behavior:
    draft = Draft(name, "When whole, halve it.", trace_id=trace.id, start=10, end=30)
    (found,) = curation.propose(book.id, [draft], by="a-model", session=session)
    return found


def test_the_chain_is_read_back_to_the_problem_and_its_verdict(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        run = add_run(session, book)
        solve, extract = _chain(session, run, f"One could use {NAME} here.")
        runs.set_verdict(solve.id, extracted="4", correct=True, grader="exact", session=session)
        behavior = _propose(session, book, extract)
    with store.read() as session:
        origin = first_origin(behavior.id, session)
    assert origin is not None
    assert [trace.stage for trace in origin.led] == ["reflect", "solve"]
    assert (origin.trace.id, origin.problem.text) == (extract.id, "What is 2 + 2?")
    assert origin.verdict is not None
    assert origin.verdict.correct is True
    piece = stretch(origin, NAME)
    assert (piece.stage, piece.before, piece.found, piece.after) == (
        "reflect",
        "One could use ",
        NAME,
        " here.",
    )


def test_a_behavior_nobody_names_is_shown_where_it_was_listed(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        _, extract = _chain(session, add_run(session, book), "x" * 1000)
        behavior = _propose(session, book, extract)
    with store.read() as session:
        origin = first_origin(behavior.id, session)
    assert origin is not None
    piece = stretch(origin, NAME)
    assert (piece.stage, piece.found) == ("extract", extract.text[10:30])


def test_a_long_trace_is_cut_around_the_stretch(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        _, extract = _chain(session, add_run(session, book), "a" * 900 + NAME + "b" * 900)
        behavior = _propose(session, book, extract)
    with store.read() as session:
        origin = first_origin(behavior.id, session)
    assert origin is not None
    piece = stretch(origin, NAME)
    assert piece.before == "… " + "a" * AROUND
    assert piece.after == "b" * AROUND + " …"


def test_what_was_merged_in_brings_its_origin_and_a_deleted_run_takes_its_own(
    store: Store,
) -> None:
    with store.write() as session:
        book = add_handbook(session)
        first, second = add_run(session, book), add_run(session, book)
        one = _propose(session, book, _chain(session, first, "x")[1])
        two = _propose(session, book, _chain(session, second, "y")[1], "behavior_other")
    merging.merge(store, {one.id: 1, two.id: 1}, into=one.id, text={}, by="ann")
    with store.read() as session:
        assert [origin.trace.run_id for origin in origins(one.id, session)] == [first.id, second.id]
    with store.write() as session:
        runs.delete_run(first.id, session=session)
    with store.read() as session:
        assert [origin.trace.run_id for origin in origins(one.id, session)] == [second.id]
        found = first_origin(one.id, session)
    assert found is not None
    assert found.trace.run_id == second.id


def test_without_a_trace_there_is_no_origin(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
    behavior = curation.write(store, book.id, Draft(NAME, "When whole, halve it."), by="ann")
    with store.read() as session:
        assert first_origin(behavior.id, session) is None
        assert origins(behavior.id, session) == []
