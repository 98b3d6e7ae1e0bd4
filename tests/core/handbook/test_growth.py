"""The numbers of a handbook's summary, against what was done to it."""

from core.handbook import curation, growth
from core.handbook.curation import Draft
from core.handbook.undo import undo
from core.store import Store
from tests.core.samples import add_handbook, add_run, add_trace


def _drafts(first: int, number: int, topic: str, model: str) -> list[Draft]:
    return [
        Draft(f"behavior_n{n}", f"When it is {n}, do it.", topic=topic, source_model=model)
        for n in range(first, first + number)
    ]


def test_growth_counts_proposals_decisions_and_traces_read(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        run = add_run(session, book)
        ids = []
        for sample in range(2):
            add_trace(session, run, stage="solve", sample=sample)
            add_trace(session, run, stage="extract", sample=sample)
            drafts = _drafts(sample * 3, 3, "Algebra", "m")
            found = curation.propose(book.id, drafts, by="m", session=session)
            ids += [behavior.id for behavior in found]
    curation.decide_many(store, book.id, "accept", dict.fromkeys(ids[:4], 1), by="ann")
    curation.reject(store, ids[0], version=2, by="ann")
    undo(store, book.id, by="ann")
    points = growth.growth(store, book.id)
    assert [point[1] for point in points] == [0] * 6 + [1, 2, 3, 4, 3, 4]
    assert [point[2] for point in points] == [1, 2, 3, 4, 5, 6] + [6] * 6
    assert [point[3] for point in points] == [1] * 3 + [2] * 9
    times = [point[0] for point in points]
    assert times == sorted(times)


def test_a_long_history_is_thinned_and_ends_at_the_present(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        curation.propose(book.id, _drafts(0, 2000, "", ""), by="m", session=session)
    points = growth.growth(store, book.id)
    assert 300 < len(points) <= growth.MOST_POINTS * 2
    assert points[-1][2] == 2000


def test_an_empty_handbook_has_not_grown(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
    assert growth.growth(store, book.id) == []
    assert growth.composition(store, book.id, "topic") == {}


def test_composition_by_topic_and_by_model(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        drafts = [*_drafts(0, 3, "Algebra", "m"), *_drafts(3, 1, "", "")]
        found = curation.propose(book.id, drafts, by="m", session=session)
    curation.accept(store, found[0].id, version=1, by="ann")
    assert growth.composition(store, book.id, "topic") == {
        "Algebra": {"accepted": 1, "proposed": 2},
        growth.NO_TOPIC: {"proposed": 1},
    }
    assert growth.composition(store, book.id, "source_model") == {
        "m": {"accepted": 1, "proposed": 2},
        growth.BY_HAND: {"proposed": 1},
    }


def test_many_topics_are_gathered(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        drafts = [Draft(f"behavior_n{n}", "Do it.", topic=f"T{n:02}") for n in range(30)]
        curation.propose(book.id, drafts, by="m", session=session)
    counts = growth.composition(store, book.id, "topic")
    assert len(counts) == growth.MOST_GROUPS + 1
    assert counts["others"] == {"proposed": 10}
