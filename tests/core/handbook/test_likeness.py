"""Clashing names and near copies among accepted behaviors, and the nearest ones to a text."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from rapidfuzz import fuzz

from core.errors import BadInput
from core.handbook.likeness import (
    BLOCK,
    Known,
    Matrix,
    Neighbour,
    Text,
    marks_against,
    meaning_text,
    nearest,
    nearest_of_many,
    sorted_words,
)
from core.handbook.rules import normalised
from core.retrieval.vectors import embedded_text
from core.store.records import Behavior
from tests.core.handbook.strategies import as_record, lines

TEXT = "When two people work at one job together, add their rates per hour, then take the inverse."


def _accepted(*texts: str) -> list[Behavior]:
    return [
        as_record({"id": number, "name": f"behavior_{number}", "instruction": text})
        for number, text in enumerate(texts, start=1)
    ]


def test_a_taken_name_is_a_clash_and_says_with_what() -> None:
    marks = marks_against("behavior_2", "Something else.", _accepted("Do one thing.", TEXT))
    assert marks == {"clash": f"number 2 is already called so: {TEXT}"}


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        TEXT.upper(),
        TEXT.replace(",", " --"),
        "Add their rates per hour, then take the inverse, when two people work at one job together",
        TEXT.replace("inverse", "reciprocal"),
        TEXT.replace("people", "pumps"),
    ],
)
def test_the_same_sentence_reworded_is_a_near_copy(copy: str) -> None:
    marks = marks_against("behavior_new", copy, _accepted("Count what is left over.", TEXT))
    assert list(marks) == ["near-copy"]
    assert marks["near-copy"].endswith(f"% the words of behavior_2: {TEXT}")


@pytest.mark.parametrize(
    "other",
    [
        "When two people walk towards one another, add their speeds to get how fast they meet.",
        "When a tank is filled and drained at once, subtract the rates before dividing.",
        "Add.",
    ],
)
def test_another_idea_with_similar_words_is_none(other: str) -> None:
    assert marks_against("behavior_new", other, _accepted(TEXT)) == {}


def test_of_several_copies_the_nearest_is_named() -> None:
    near = TEXT.replace("inverse", "reciprocal")
    marks = marks_against("behavior_new", TEXT, _accepted(near, TEXT))
    assert marks["near-copy"] == f"100% the words of behavior_2: {TEXT}"


def test_texts_in_another_script_are_compared_as_well() -> None:
    book = _accepted("当两个人一起工作时，把他们的速度相加。")
    assert marks_against("behavior_new", "求圆的面积之前先把直径除以二。", book) == {}
    assert "near-copy" in marks_against("behavior_new", "当两个人一起工作时,把他们的速度相加", book)


def test_an_empty_handbook_has_nothing_to_clash_with() -> None:
    assert marks_against("behavior_x", TEXT, []) == {}


def test_the_text_that_stands_for_a_behavior_is_the_embedded_one() -> None:
    assert meaning_text("behavior_halve_first", TEXT) == f"behavior halve first: {TEXT}"
    assert meaning_text("behavior_halve_first", TEXT) == embedded_text("behavior_halve_first", TEXT)


@given(lines, lines)
def test_sorted_words_are_compared_as_token_sort_ratio_does(one: str, other: str) -> None:
    assume(normalised(one) and normalised(other))
    assert fuzz.ratio(sorted_words(one), sorted_words(other)) == pytest.approx(
        fuzz.token_sort_ratio(normalised(one), normalised(other))
    )


def _others(*texts: str) -> list[Text]:
    return [(number, f"behavior_{number}", text) for number, text in enumerate(texts, start=1)]


def _known(vectors: dict[str, list[float]]) -> Known:
    """Knows the vectors of these instructions, whatever the name."""

    def look_up(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
        found = [vectors.get(text.partition(": ")[2]) for text in texts]
        rows = np.array([row or [0.0, 0.0] for row in found], np.float32).reshape(-1, 2)
        mask = np.array([row is not None for row in found], np.bool_)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, lengths, out=rows, where=lengths > 0), mask

    return look_up


def test_without_an_embedder_the_words_decide() -> None:
    others = _others(
        "Count what is left over.", TEXT.replace("inverse", "reciprocal"), TEXT.upper()
    )
    first, second = nearest("behavior_new", TEXT, others, None, limit=2)
    assert first == Neighbour(3, "behavior_3", TEXT.upper(), 1.0, "words")
    assert (second.behavior_id, second.by) == (2, "words")
    assert 0.85 < second.similarity < 1


def test_with_vectors_the_meaning_decides() -> None:
    others = _others("far", TEXT, "near", "opposite")
    vectors = {"asked": [1.0, 0.0], "far": [1, 1], "near": [1, 0.1], "opposite": [-1, 0]}
    found = nearest("behavior_new", "asked", others, _known(vectors | {TEXT: [0, 1]}), limit=4)
    assert [neighbour.behavior_id for neighbour in found] == [3, 1, 2, 4]
    assert {neighbour.by for neighbour in found} == {"meaning"}
    similarities = [neighbour.similarity for neighbour in found]
    assert similarities == pytest.approx([1 / 1.01**0.5, 0.5**0.5, 0, 0], abs=1e-6)


@pytest.mark.parametrize(("known_ones", "by"), [(9, "meaning"), (8, "words")])
def test_nine_tenths_of_the_others_have_to_be_known(known_ones: int, by: str) -> None:
    texts = [f"text {number}" for number in range(10)]
    vectors = {text: [1.0, number] for number, text in enumerate(texts[:known_ones])}
    found = nearest(
        "behavior_new", "asked", _others(*texts), _known({"asked": [1, 0]} | vectors), 10
    )
    assert {neighbour.by for neighbour in found} == {by}
    # Who has no vector cannot be told to be near or far.
    assert len(found) == (known_ones if by == "meaning" else 10)


def test_a_text_without_a_vector_is_compared_by_words() -> None:
    known = _known({"far": [0, 1], TEXT: [0.2, 1]})
    (found,) = nearest("behavior_new", TEXT + " Then stop.", _others("far", TEXT), known, limit=1)
    assert (found.behavior_id, found.by) == (2, "words")


def test_instructions_made_of_signs_are_not_all_the_same() -> None:
    (found,) = nearest("behavior_new", "∑ → ∫", _others("∀ ∃ ∄", "∑ → ∮"), None, limit=1)
    assert found.behavior_id == 2
    assert found.similarity < 1


def test_nothing_is_nearest_in_an_empty_handbook() -> None:
    known = _known({TEXT: [1, 0]})
    assert nearest("behavior_new", TEXT, [], known) == nearest("behavior_new", TEXT, [], None) == []
    assert nearest_of_many(_others(TEXT), [], known) == {}
    assert nearest_of_many([], _others(TEXT), known) == {}


vector = st.lists(st.integers(-3, 3), min_size=2, max_size=2).filter(any)
books = st.dictionaries(st.text("abc ", min_size=1, max_size=12), st.none() | vector, max_size=8)


@given(books, books, st.booleans())
def test_many_at_once_give_what_each_alone_gives(
    asked: dict[str, list[float] | None], held: dict[str, list[float] | None], embedder: bool
) -> None:
    vectors = {text: row for text, row in (held | asked).items() if row}
    known = _known(vectors) if embedder else None
    others = _others(*held)
    queries = [(number, f"behavior_{number}", text) for number, text in enumerate(asked, start=100)]
    found = nearest_of_many(queries, others, known)
    alone = {
        number: neighbours[0]
        for number, name, text in queries
        if (neighbours := nearest(name, text, others, known, limit=1))
    }
    assert found.keys() == alone.keys()
    for number, neighbour in alone.items():
        assert found[number].by == neighbour.by
        assert found[number].similarity == pytest.approx(neighbour.similarity, abs=1e-6)


@pytest.mark.parametrize("embedder", [True, False])
def test_no_behavior_is_its_own_nearest(embedder: bool) -> None:
    texts = _others(TEXT, "Count what is left over.", TEXT + " Then stop.")
    known = _known({text: [1.0, number] for number, _name, text in texts}) if embedder else None
    found = nearest_of_many(texts, texts, known)
    assert (found[1].behavior_id, found[3].behavior_id) == ((2, 2) if embedder else (3, 1))
    assert all(neighbour.behavior_id != number for number, neighbour in found.items())
    assert nearest_of_many(texts[:1], texts[:1], known) == {}


def test_an_other_without_a_vector_is_not_nearest_because_the_rest_is_far() -> None:
    others = _others(*(f"text {number}" for number in range(10)))
    vectors = {text: [-1.0, number] for number, (_id, _name, text) in enumerate(others[1:])}
    known = _known({"asked": [1, -0.01]} | vectors)
    found = nearest_of_many([(100, "behavior_new", "asked")], others, known)
    assert (found[100].behavior_id, found[100].by, found[100].similarity) == (10, "meaning", 0)


def test_more_than_one_block_of_queries() -> None:
    number = BLOCK + 10
    texts = _others(*(f"text number {n} with {n * 7919} in it" for n in range(number)))
    # Every two have a direction of their own.
    angles = [(at // 2) * math.pi / number for at in range(number)]
    vectors = {texts[at][2]: [math.cos(angle), math.sin(angle)] for at, angle in enumerate(angles)}
    found = nearest_of_many(texts, texts, _known(vectors))
    partners = {n: n + 1 if n % 2 else n - 1 for n, _name, _text in texts}
    assert {n: neighbour.behavior_id for n, neighbour in found.items()} == partners
    by_words = nearest_of_many(texts, texts[-3:], None)
    assert by_words.keys() == partners.keys()
    assert by_words[number].behavior_id in {number - 1, number - 2}


def test_too_many_to_compare_by_words_are_refused_with_advice() -> None:
    texts = _others(*(f"text {number}" for number in range(2001)))
    with pytest.raises(BadInput, match=r"2,001 .* vectors first.*Models.*models pull all-minilm"):
        nearest_of_many(texts, texts, None)
    with pytest.raises(BadInput):
        nearest_of_many(texts, texts, _known({"text 1": [1, 0]}))
    known = _known({text: [1.0, number] for number, _name, text in texts})
    assert len(nearest_of_many(texts, texts, known)) == 2001
