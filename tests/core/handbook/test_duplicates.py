"""Near copies: what is paired and why, what is left out, and what a handbook gives."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from core.handbook import curation
from core.handbook.duplicates import FLOOR, Item, counts, groups, of_handbook, pairing, pairs
from core.handbook.likeness import Matrix, plain
from core.handbook.synthetic import synthetic
from core.store import Store
from core.store import behaviors as behavior_rows
from core.store.records import Behavior, Handbook
from tests.core.handbook.near_copies import NEAR, TEXT, Book, found_in, handbooks, knowing, numbered
from tests.core.samples import add_behavior, add_handbook

PROJECT = Path(__file__).parents[3]


# What is paired, and why


def test_an_empty_handbook_and_one_behavior_have_no_pairs() -> None:
    for items in ([], numbered(TEXT)):
        for known in (None, knowing(items, [[1, 0]] * len(items))):
            found = pairs(items, known)
            assert len(found) == 0
            assert groups(found, FLOOR) == []
            assert counts(found, [0.8]) == [(0.8, 0, 0, 0)]


@pytest.mark.parametrize("copy", [TEXT, TEXT.upper(), TEXT.replace(",", " --"), f"  {TEXT}"])
def test_the_same_text_is_paired_whatever_its_signs(copy: str) -> None:
    items = numbered(TEXT, "Count what is left over.", copy)
    assert found_in(pairs(items, None)) == {(1, 3): (1.0, "same text")}


def test_instructions_made_of_signs_are_the_same_only_if_the_signs_are() -> None:
    items = numbered("∑ → ∫", "∀ ∃ ∄", "∑ → ∫ ")
    assert found_in(pairs(items, None)) == {(1, 3): (1.0, "same text")}


def test_meaning_is_the_cosine_and_no_more_is_claimed_than_there_is() -> None:
    items = numbered("one", "two", "three", "four")
    known = knowing(items, [None, [1, 0], [0, 1], [0.9099, (1 - 0.9099**2) ** 0.5]])
    found = pairs(items, known)
    assert found_in(found) == {(2, 4): (0.9099, "meaning 0.90")}
    assert (found.by, found.without_vectors) == ("meaning", 1)


def test_without_any_vector_the_words_are_compared() -> None:
    items = numbered(TEXT, "Count what is left over.", NEAR)
    for known in (None, knowing(items, [None] * 3)):
        found = pairs(items, known)
        ((pair, (similarity, why)),) = found_in(found).items()
        assert pair == (1, 3)
        assert 0.95 < similarity < 1
        assert why == f"words {int(similarity * 100) / 100:.2f}"
        assert (found.by, found.without_vectors) == ("words", 3)


def test_words_are_not_compared_where_some_vectors_are_known() -> None:
    items = numbered(TEXT, "Count what is left over.", NEAR)
    found = pairs(items, knowing(items, [None, [1, 0], None]))
    assert found_in(found) == {}
    assert (found.by, found.without_vectors) == ("meaning", 2)


def test_of_very_many_the_words_are_not_compared() -> None:
    texts = [f"{number}{number} {number * 7919}" for number in range(pairing.MOST_BY_WORDS - 1)]
    most = numbered(TEXT, *texts)
    assert pairs(most, None).by == "words"
    found = pairs([*most, Item(9999, "behavior_last", TEXT)], None)
    assert found.by == "nothing"
    assert found_in(found) == {(1, 9999): (1.0, "same text")}


def test_the_best_reason_counts() -> None:
    items = [
        Item(1, "behavior_factor_polynomial", TEXT),
        Item(2, "behavior_factoring_polynomials", NEAR),
        Item(3, "behavior_count_leftovers", NEAR),
    ]
    known = knowing(items, [[1, 0], [0.99, (1 - 0.99**2) ** 0.5], [0.8, 0.6]])
    found = found_in(pairs(items, known))
    assert {pair: why for pair, (_similarity, why) in found.items()} == {
        (1, 2): "meaning 0.99",
        (1, 3): "meaning 0.80",
        (2, 3): "same text",
    }
    by_name = found_in(pairs(items, knowing(items, [[1, 0], [0.75, (1 - 0.75**2) ** 0.5], None])))
    assert by_name[1, 2][1] == "names alike"


@given(handbooks)
def test_each_pair_is_found_once_in_any_order_of_the_items(book: Book) -> None:
    items, known = book
    found = pairs(items, known)
    assert len(set(zip(found.first.tolist(), found.second.tolist(), strict=True))) == len(found)
    assert (found.first < found.second).all()
    assert (found.similarity >= FLOOR).all()
    assert (found.similarity <= 1).all()
    assert found_in(pairs(items[::-1], known)) == found_in(found)
    assert len(found_in(found)) == len(found)


def test_very_many_vectors_are_compared_through_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    made = synthetic(300)
    items = [Item(n, draft.name, draft.instruction) for n, draft in enumerate(made.drafts)]
    expected = found_in(pairs(items, made.known()))
    assert set(made.copies) <= expected.keys()

    def refused(matrix: Matrix, most: int) -> None:
        raise AssertionError("not through the index")

    monkeypatch.setattr(pairing, "MOST_EXACT", 299)
    monkeypatch.setattr(pairing, "exact", refused)
    assert found_in(pairs(items, made.known())) == expected


def test_planted_copies_are_found_without_vectors_where_words_tell() -> None:
    made = synthetic(200)
    items = [Item(n, draft.name, draft.instruction) for n, draft in enumerate(made.drafts)]
    assert set(made.copies) <= found_in(pairs(items, None)).keys()


def test_identical_texts_by_the_hundred_are_one_group() -> None:
    items = [Item(number, f"behavior_n{number}", TEXT) for number in range(1, 501)]
    every = knowing(items, [[1, 0]] * 500)
    for known in (None, every):
        found = pairs([*items, Item(501, "behavior_other", "Guess.")], known)
        (group,) = groups(found, 1.0)
        assert group.ids == tuple(range(1, 501))
        assert {pair.why for pair in group.pairs} == {"same text"}
        # Not each with each: that would be 124,750.
        assert len(found) < 100 * 500


def test_neither_torch_nor_faiss_is_imported_before_it_is_needed() -> None:
    code = "import sys, core.handbook.duplicates as d; d.pairs([], None); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert not {"torch", "faiss", "sentence_transformers"} & set(done.stdout.split())


# What a person kept apart


@given(handbooks)
def test_what_was_kept_apart_is_never_paired(book: Book) -> None:
    items, known = book
    found = found_in(pairs(items, known))
    free = found_in(pairs([replace(item, apart=()) for item in items], known))
    texts = {item.id: plain(item.instruction) for item in items}
    kept = {
        frozenset((texts[item.id], texts[other]))
        for item in items
        for other in item.apart
        if other in texts and other != item.id
    }
    expected = {
        (one, other): why
        for (one, other), why in free.items()
        if frozenset((texts[one], texts[other])) not in kept
    }
    assert found == expected


@pytest.mark.parametrize("which", [0, 1])
def test_either_may_name_the_other(which: int) -> None:
    items = numbered(TEXT, NEAR)
    items[which] = replace(items[which], apart=(items[1 - which].id,))
    assert found_in(pairs(items, None)) == {}


def test_a_later_extraction_of_the_text_does_not_ask_again() -> None:
    one, other, again = numbered(TEXT, NEAR, TEXT.upper())
    items = [one, replace(other, apart=(one.id,)), again]
    assert found_in(pairs(items, None)) == {(1, 3): (1.0, "same text")}
    same = [one, replace(again, id=2, apart=(one.id,)), again]
    assert found_in(pairs(same, None)) == {}


def test_what_was_kept_apart_counts_after_one_of_them_is_gone() -> None:
    one, other, again = numbered(TEXT, NEAR, TEXT)
    gone = replace(one, status="merged")
    assert found_in(pairs([replace(other, apart=(1,)), again], None, gone=[gone])) == {}
    assert len(found_in(pairs([other, again], None, gone=[gone]))) == 1


def test_keeping_apart_something_unknown_changes_nothing() -> None:
    one, other = numbered(TEXT, NEAR)
    assert len(pairs([replace(one, apart=(77,)), other], None)) == 1


# Of a handbook


@pytest.fixture
def book(store: Store) -> Handbook:
    with store.write() as session:
        return add_handbook(session)


def _add(store: Store, book: Handbook, *texts: str, status: str = "accepted") -> list[Behavior]:
    with store.write() as session:
        return [
            add_behavior(
                session, book, name=f"behavior_{status}_{at}x{at}", instruction=text, status=status
            )
            for at, text in enumerate(texts)
        ]


def test_accepted_and_proposed_behaviors_of_one_handbook_are_looked_through(
    store: Store, book: Handbook
) -> None:
    (proposed,) = _add(store, book, TEXT, status="proposed")
    accepted, _guess = _add(store, book, NEAR, "Guess.")
    for status in ("rejected", "merged", "withdrawn"):
        _add(store, book, TEXT, status=status)
    with store.write() as session:
        other = add_handbook(session, "other")
    _add(store, other, TEXT)
    found = of_handbook(store, book, None)
    (group,) = groups(found, 0.9)
    assert group.ids == (accepted.id, proposed.id)
    assert (len(found.ids), found.without_vectors, found.by) == (3, 3, "words")


def test_the_behaviors_of_a_handbook_are_known_by_name_and_instruction(
    store: Store, book: Handbook
) -> None:
    one, other = _add(store, book, "one", "two")
    known = knowing([Item(b.id, b.name, b.instruction) for b in (one, other)], [[1, 0], [0.8, 0.6]])
    found = of_handbook(store, book, known)
    assert found_in(found) == {(one.id, other.id): (0.8, "meaning 0.80")}
    assert found.without_vectors == 0


def test_what_a_person_keeps_apart_leaves_the_pairs_of_the_handbook(
    store: Store, book: Handbook
) -> None:
    one, other = _add(store, book, TEXT, NEAR)
    assert len(of_handbook(store, book, None)) == 1
    curation.keep_apart(store, [one.id, other.id], by="tester")
    assert len(of_handbook(store, book, None)) == 0
    with store.write() as session:
        seen = behavior_rows.behavior(one.id, session=session)
    curation.reject(store, one.id, version=seen.version, by="tester")
    _add(store, book, TEXT, status="proposed")
    assert len(of_handbook(store, book, None)) == 0
