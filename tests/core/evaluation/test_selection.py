"""Which problems are evaluated on: leaks to any handbook that the arms draw on."""

import json
from collections.abc import Sequence

import pytest

from core.errors import BadInput, NotFound
from core.evaluation import sets
from core.evaluation.leaks import Leak, Leaks
from core.evaluation.problems import NewProblem
from core.evaluation.selection import leaking, need_clean, select, with_leaks
from core.handbook import curation, raw, shelf
from core.handbook.curation import Draft
from core.store import Store
from core.store import runs as run_rows

CARRIED = "What is 3 plus 4 if 4711 counters are moved from 8128 boxes to 377 shelves?"
CARRYING = Draft("behavior_move", "When 4711 counters move from 8128 boxes to 377 shelves, add 3.")


@pytest.fixture
def store(store: Store) -> Store:
    """With a set, a handbook that knows nothing of it, and one that was made from it."""
    found = [NewProblem(text, "7", "") for text in ("How far is the moon of Mars?", CARRIED)]
    sets.import_set(store, "set", found, by="ann")
    for slug in ("clean", "mine"):
        shelf.create(store, slug, by="ann")
    ids = [problem.id for problem in sets.problems_of(store, "set")]
    mine = shelf.find(store, "mine").id
    with store.write() as session:
        run_rows.add_run(
            kind="solve", title="", handbook_id=mine, problem_ids=ids[:1], by="ann", session=session
        )
    return store


def left_out(store: Store, *slugs: str) -> tuple[int, dict[str, int]]:
    told = select(store, "set", slugs).told
    return told["left_out"], told["leaks"]["flagged"]


def test_the_handbooks_of_all_arms_are_looked_at(store: Store) -> None:
    assert left_out(store, "clean") == (0, {})
    assert left_out(store, "clean", "mine") == (1, {"same problem": 1})
    curation.write(store, shelf.find(store, "clean").id, CARRYING, by="ann")
    both = {"same problem": 1, "behavior carries it": 1}
    assert left_out(store, "clean", "mine") == (2, both)


def propose_and_reject(store: Store) -> None:
    with store.write() as session:
        (one,) = curation.propose(
            shelf.find(store, "mine").id, [CARRYING], by="a-model", session=session
        )
    curation.reject(store, one.id, version=one.version, by="ann")


@pytest.mark.parametrize("made", [False, True])
def test_what_was_rejected_lives_on_in_the_raw_extraction(store: Store, made: bool) -> None:
    propose_and_reject(store)
    if made:
        raw.make_raw(store, "mine", by="ann")
    assert left_out(store, "mine") == (1, {"same problem": 1})
    both = (2, {"same problem": 1, "behavior carries it": 1})
    assert left_out(store, "mine", "mine-raw") == left_out(store, "clean", "mine-raw") == both
    leaks = select(store, "set", ["mine", "mine-raw"]).leaks.found
    assert len(leaks) == 2  # each once


def test_a_part_of_the_raw_extraction_carries_only_what_it_holds(store: Store) -> None:
    propose_and_reject(store)
    with store.write() as session:
        harmless = Draft("behavior_add", "Add what is there.")
        curation.propose(shelf.find(store, "mine").id, [harmless], by="a-model", session=session)
    slugs = [raw.make_sample(store, "mine", 1, seed, by="ann") for seed in range(6)]
    flagged = {slug: left_out(store, slug)[0] for slug in slugs}
    holds = {slug: shelf.behaviors(store, shelf.find(store, slug)) for slug in slugs}
    assert {slug: 1 + (holds[slug][0].name == CARRYING.name) for slug in slugs} == flagged
    assert set(flagged.values()) == {1, 2}


def test_a_handbook_that_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(NotFound, match="no handbook 'typo'"):
        select(store, "set", ["clean", "typo"])
    with pytest.raises(NotFound, match="no handbook 'typo-raw'"):
        select(store, "set", ["typo-raw"])


# More arms of a run that is there


def leaks(*found: tuple[int, str]) -> Leaks:
    made: Sequence[Leak] = [
        Leak(number, kind, 9, None, "why", "text")  # type: ignore[arg-type]
        for number, kind in found
    ]
    return Leaks(tuple(made), 3)


def test_what_a_run_would_have_left_out_is_refused(store: Store) -> None:
    told = select(store, "set", ["clean"]).told
    found = leaks((1, "near problem"), (2, "same wording, other numbers"), (9, "same problem"))
    assert leaking(told, [1, 2], found) == {1}
    with pytest.raises(BadInput, match=r"1 of the run's 2 problems leak .* \(the first: why\)"):
        need_clean(told, [1, 2], found)
    need_clean(told, [2], found)
    keeping = select(store, "set", ["clean"], leave_out=()).told
    need_clean(keeping, [1, 2], found)


def test_what_is_kept_is_counted_and_not_asked_about_again(store: Store) -> None:
    told = select(store, "set", ["mine"]).told
    found = leaks((2, "near problem"), (2, "near problem"), (9, "near problem"))
    more = json.loads(json.dumps(with_leaks(told, [2], found)))
    assert more["leaks"]["flagged"] == {"same problem": 1, "near problem": 2}
    assert more["leaks"]["kept"] == {"near problem": 1}
    assert leaking(more, [2], found) == frozenset()
    assert with_leaks(more, [2], found)["leaks"] == more["leaks"]
