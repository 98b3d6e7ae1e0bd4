"""Merging and splitting: where sources are at every moment, what the history shows, undo."""

from collections.abc import Iterable
from itertools import permutations

import pytest

from core.errors import BadInput, Conflict
from core.handbook import checking, curation, merging, undo
from core.handbook.curation import Draft
from core.store import Store, history
from core.store.records import Behavior, Step
from tests.core.handbook.curators import Curator
from tests.core.samples import add_run, add_trace

BY = "ann"


@pytest.fixture
def ann(store: Store) -> Curator:
    return Curator(store, by=BY)


@pytest.fixture
def three(ann: Curator) -> list[int]:
    """Proposals a, b, c, each with a source of its own; b is accepted, c rejected."""
    found = [_propose(ann, name) for name in "abc"]
    curation.accept(ann.store, found[1], version=1, by=BY)
    curation.reject(ann.store, found[2], version=1, by=BY, why="trivial")
    return found


def _propose(ann: Curator, name: str) -> int:
    with ann.store.write() as session:
        trace = add_trace(session, add_run(session), stage="extract")
        draft = Draft(f"behavior_{name}", f"Do {name}.", trace_id=trace.id, start=0, end=9)
        return curation.propose(ann.id, [draft], by="a-model", session=session)[0].id


def _look(ann: Curator, behavior_id: int) -> Behavior:
    return curation.look_up(ann.store, behavior_id)


def _seen(ann: Curator, ids: Iterable[int]) -> dict[int, int]:
    return {number: _look(ann, number).version for number in ids}


def _merge(ann: Curator, ids: list[int], into: int, by: str = BY, **text: str) -> Behavior:
    return merging.merge(ann.store, _seen(ann, ids), into=into, text=text, by=by)


def _owners(ann: Curator, behavior_id: int) -> list[int]:
    """Whose sources count as its own."""
    with ann.store.read() as session:
        return sorted(source.behavior_id for source in merging.all_sources(behavior_id, session))


def _steps(ann: Curator, behavior_id: int) -> list[str]:
    with ann.store.read() as session:
        lines = history.history_of_behavior(behavior_id, session=session)
    return [step.kind for step, _operation in lines]


def test_sources_are_where_they_belong_at_every_moment(ann: Curator, three: list[int]) -> None:
    a, b, c = three
    looks = [ann.look()]

    def owned() -> list[list[int]]:
        looks.append(ann.look())
        return [_owners(ann, number) for number in three]

    merged = _merge(ann, three, into=b, name="behavior_all")
    assert (merged.id, merged.name, merged.status) == (b, "behavior_all", "accepted")
    assert owned() == [[a], [a, b, c], [c]]
    edit = {"instruction": "Do all of it."}
    curation.edit(ann.store, b, edit, version=merged.version, by=BY)
    assert owned() == [[a], [a, b, c], [c]]
    step, out = merging.split(ann.store, [c], by=BY, why="Not the same.")
    assert (step.kind, step.why, [one.id for one in out]) == ("split", "Not the same.", [c])
    assert owned() == [[a], [a, b], [c]]
    merging.split(ann.store, [b], by=BY)
    assert owned() == [[a], [b], [c]]
    assert [_look(ann, number).status for number in three] == ["proposed", "accepted", "rejected"]
    assert _look(ann, b).instruction == "Do all of it."
    assert _steps(ann, a) == ["propose", "merge", "split"]
    assert _steps(ann, b) == ["propose", "accept", "merge", "edit"]
    assert _steps(ann, c) == ["propose", "reject", "merge", "split"]
    for before in reversed(looks[:-1]):
        undo.undo(ann.store, ann.id, by=BY)
        assert ann.look() == before
    for after in looks[1:]:
        undo.redo(ann.store, ann.id, by=BY)
        assert ann.look() == after


@pytest.mark.parametrize("order", [*permutations(("merge", "edit", "split"))])
def test_what_stands_is_undone_in_any_order(
    order: tuple[str, ...], ann: Curator, three: list[int]
) -> None:
    """A merge under a split or an edit of its name is not; and then nothing is written."""
    a, b, c = three
    before = ann.look()
    steps: dict[str, Step] = {}

    def note(name: str) -> None:
        with ann.store.read() as session:
            steps[name] = history.step(ann.id, ann.number(), session=session)

    merged = _merge(ann, three, into=b, name="behavior_all")
    note("merge")
    curation.edit(ann.store, b, {"name": "behavior_every"}, version=merged.version, by=BY)
    note("edit")
    merging.split(ann.store, [a, c], by=BY)
    note("split")
    for name in order:
        look, number = ann.look(), ann.number()
        later = {"merge": {"edit", "split"}}.get(name, set())
        with ann.store.read() as session:
            standing = {
                other for other in later
                if not history.step(ann.id, steps[other].number, session=session).undone
            }  # fmt: skip
        if standing:
            with pytest.raises(Conflict, match="cannot be undone: ann has changed the"):
                undo.undo_step(ann.store, ann.id, steps[name].number, by="bob")
            assert (ann.look(), ann.number()) == (look, number)
        else:
            undo.undo_step(ann.store, ann.id, steps[name].number, by="bob")
        assert checking.check(ann.store, "book") == []
    if order[-1] == "merge":
        assert ann.look() == before


def test_what_was_merged_twice_comes_out_layer_by_layer(ann: Curator) -> None:
    a, b, c = (_propose(ann, name) for name in "abc")
    _merge(ann, [a, b], into=b)
    _merge(ann, [b, c], into=c)
    assert _owners(ann, c) == [a, b, c]
    (out,) = merging.split(ann.store, [c], by=BY)[1]
    assert (out.id, out.status, _owners(ann, b), _owners(ann, c)) == (b, "accepted", [a, b], [c])


def test_a_name_taken_meanwhile_makes_it_a_proposal_again(ann: Curator, three: list[int]) -> None:
    a, b, _c = three
    _merge(ann, [a, b], into=a)
    curation.write(ann.store, ann.id, Draft("behavior_b", "Do b anew."), by="bob")
    (out,) = merging.split(ann.store, [b], by=BY)[1]
    assert (out.name, out.status) == ("behavior_b", "proposed")
    undo.undo(ann.store, ann.id, by=BY)
    assert _look(ann, b).merged_into == a
    taken = next(one for one in ann.all() if one.instruction == "Do b anew.")
    curation.reject(ann.store, taken.id, version=1, by="bob")
    (again,) = merging.split(ann.store, [b], by=BY)[1]
    assert again.status == "accepted"


def test_it_comes_back_as_it_was_before_this_merge_not_an_undone_one(ann: Curator) -> None:
    a, b = (_propose(ann, name) for name in "ab")
    curation.accept(ann.store, b, version=1, by=BY)
    _merge(ann, [a, b], into=a)
    merged = ann.number()
    undo.undo_step(ann.store, ann.id, merged, by=BY)
    curation.reject(ann.store, b, version=_look(ann, b).version, by=BY)
    _merge(ann, [a, b], into=a)
    for _ in range(2):
        undo.undo(ann.store, ann.id, by=BY)
    undo.undo_step(ann.store, ann.id, merged + 1, by=BY)
    assert _look(ann, b).status == "merged"
    (out,) = merging.split(ann.store, [b], by=BY)[1]
    assert out.status == "accepted"


def test_no_behavior_is_merged_into_itself_by_way_of_redo(ann: Curator) -> None:
    """a into b, undone; then b into a. Doing the first again would close a circle."""
    a, b = (_propose(ann, name) for name in "ab")
    curation.accept(ann.store, b, version=1, by=BY)
    _merge(ann, [a, b], into=b)
    undo.undo(ann.store, ann.id, by=BY)
    undoing = ann.number()
    _merge(ann, [a, b], into=a)
    before = ann.look()
    with pytest.raises(Conflict):
        undo.undo_step(ann.store, ann.id, undoing, by=BY)
    assert ann.look() == before
    assert checking.check(ann.store, "book") == []


def test_a_merge_is_not_done_again_into_what_was_rejected_since(ann: Curator) -> None:
    a, b = (_propose(ann, name) for name in "ab")
    curation.accept(ann.store, b, version=1, by=BY)
    _merge(ann, [a, b], into=b)
    undo.undo(ann.store, ann.id, by=BY)
    curation.reject(ann.store, b, version=_look(ann, b).version, by="bob")
    before = ann.look()
    with pytest.raises(Conflict, match="bob has changed the status of behavior_b since"):
        undo.redo(ann.store, ann.id, by=BY)
    assert ann.look() == before


def test_who_looks_at_the_survivor_is_told_of_the_merge(ann: Curator, three: list[int]) -> None:
    _a, b, c = three
    seen = _look(ann, b).version
    _merge(ann, [b, c], into=b)
    with pytest.raises(Conflict, match="changed by ann in the meantime"):
        curation.reject(ann.store, b, version=seen, by="bob")


def test_an_arrival_is_not_undone_under_what_was_merged_into_it(ann: Curator) -> None:
    mine = curation.write(ann.store, ann.id, Draft("behavior_mine", "Do mine."), by=BY)
    (other,) = [_propose(ann, "x")]
    _merge(ann, [mine.id, other], into=mine.id, by="bob")
    before, number = ann.look(), ann.number()
    with pytest.raises(Conflict, match="bob has merged behavior_x into behavior_mine since"):
        undo.undo(ann.store, ann.id, by=BY)
    assert (ann.look(), ann.number()) == (before, number)
    merging.split(ann.store, [other], by="bob")
    undo.undo(ann.store, ann.id, by=BY)
    assert _look(ann, mine.id).status == "withdrawn"


@pytest.mark.parametrize(
    ("which", "into", "sentence"),
    [
        ([0], 0, "two or more"),
        ([0, 1], 2, "one of them stays"),
        ([0, 3], 0, "different handbooks"),
    ],
)
def test_what_cannot_be_merged(
    which: list[int], into: int, sentence: str, ann: Curator, three: list[int], store: Store
) -> None:
    other = Curator(store, by=BY, slug="other")
    ids = [*three, _propose(other, "a")]
    before = ann.look()
    with pytest.raises(BadInput, match=sentence):
        _merge(ann, [ids[index] for index in which], into=ids[into])
    with pytest.raises(BadInput, match="Nothing was merged"):
        _merge(ann, three, into=ids[0], name="Halve")
    assert ann.look() == before


def test_what_is_merged_cannot_be_merged_edited_or_decided(ann: Curator, three: list[int]) -> None:
    a, b, c = three
    _merge(ann, [a, b], into=b)
    before = ann.look()
    version = _look(ann, a).version
    with pytest.raises(Conflict, match="merged already"):
        _merge(ann, [a, c], into=c)
    for act in (curation.accept, curation.reject, curation.reopen):
        with pytest.raises(Conflict, match="was merged into behavior_b"):
            act(ann.store, a, version=version, by=BY)
    with pytest.raises(Conflict, match="Split it from there"):
        curation.edit(ann.store, a, {"topic": "x"}, version=version, by=BY)
    left = curation.edit_many(ann.store, ann.id, {a: (version, {"topic": "x"})}, by=BY).left
    assert left == {"merged already": [a]}
    for nothing in ([c], [], [9999]):
        with pytest.raises(BadInput, match="nothing to split"):
            merging.split(ann.store, nothing, by=BY)
    assert ann.look() == before
