"""The leak guard with sentence vectors: they find heavier rewordings, and override nothing."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.app import App
from core.errors import ModelUnavailable
from core.evaluation import sets
from core.evaluation.leaks import DEFAULT, Known, find_leaks, meant_texts
from core.evaluation.leaks.meaning import CANDIDATES, Meanings
from core.evaluation.problems import NewProblem
from core.evaluation.selection import leaks_between, select
from core.handbook import shelf
from core.retrieval.embedder import Matrix, SentenceEmbedder
from core.retrieval.vectors import Vectors
from core.store import Store
from core.store import runs as run_rows
from core.store.records import Behavior
from tests.core.conftest import Cli
from tests.core.evaluation.planted_leaks import (
    APART,
    CARRYING,
    REWORDED,
    REWORDED_LATER,
    Carrying,
    Reworded,
)
from tests.core.evaluation.planted_meaning import APART_IN_MEANING, MEANT, MEANT_CARRYING
from tests.core.evaluation.test_leaks import behavior, kinds, problem
from tests.core.retrieval.counting import CountingEmbedder

TEXTS = [one.planted for one in (*MEANT, *REWORDED, *REWORDED_LATER)]


def leaning(cosine: float, towards: str) -> Known:
    """All texts have this cosine with that one."""

    def known(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
        lean = [1.0, 0.0], [cosine, sqrt(1 - cosine**2)]
        rows = [lean[text != towards] for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), 2), np.ones(len(texts), np.bool_)

    return known


def unknown(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
    return np.zeros((len(texts), 2), np.float32), np.zeros(len(texts), np.bool_)


def beside(text: str, other: str, known: Known | None) -> list[str]:
    return kinds(find_leaks([problem(1, text)], [problem(2, other)], [], known))


@pytest.mark.parametrize("planted", MEANT)
def test_meaning_tells_what_words_do_not(planted: Reworded) -> None:
    assert beside(planted.planted, planted.source, None) == []
    assert beside(planted.planted, planted.source, leaning(0.3, planted.planted)) == []
    assert beside(planted.planted, planted.source, leaning(0.9, planted.planted)) == [
        "near problem"
    ]


@pytest.mark.parametrize("apart", [*APART_IN_MEANING, *APART.values()])
def test_meaning_overrides_no_other_number_formula_or_question(apart: tuple[str, str]) -> None:
    one, other = apart
    for text, beside_it in ((one, other), (other, one)):
        assert not set(beside(text, beside_it, leaning(1.0, text))) & set(DEFAULT)


def test_another_question_in_other_words_is_another_problem() -> None:
    one = "On three days a gardener picks 39, 48 and 57 beetles off his roses. Find the daily mean."
    other = "Rita removes 39 bugs, then 48 and at the end 57. How many is that altogether?"
    same = "Rita removes 39 bugs, then 48 and at the end 57. How many is that on average?"
    assert beside(one, other, leaning(0.9, one)) == ["same setting, other question"]
    assert beside(one, same, leaning(0.9, one)) == ["near problem"]
    assert beside(one, other, None) == beside(one, same, None) == []


@given(one=st.sampled_from(TEXTS), other=st.sampled_from(TEXTS))
def test_texts_without_vectors_are_compared_by_their_words(one: str, other: str) -> None:
    assert beside(one, other, unknown) == beside(one, other, None)


@given(one=st.sampled_from(TEXTS), other=st.sampled_from(TEXTS), cosine=st.floats(-1, 1))
def test_vectors_hide_nothing(one: str, other: str, cosine: float) -> None:
    by_words = beside(one, other, None)
    if set(by_words) & set(DEFAULT):
        assert beside(one, other, leaning(cosine, one)) == by_words


def test_those_that_are_most_alike_are_looked_at() -> None:
    cosines = [0.5, 0.9, 0.44, 0.7, 0.7, 0.6, 0.8]

    def known(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
        rows = [[float(text), sqrt(1 - float(text) ** 2)] for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), 2), np.ones(len(texts), np.bool_)

    found = Meanings(known, ["1"], [str(cosine) for cosine in cosines], []).likest(0)
    assert list(found) == [1, 6, 3, 4, 5]
    assert len(found) == CANDIDATES
    assert found[6] == pytest.approx(0.8)
    assert list(Meanings(known, ["1"], ["0.44", "0.46"], []).likest(0)) == [1]
    assert Meanings(known, ["1"], [], []).likest(0) == {}
    assert Meanings(None, ["1"], ["1"], []).likest(0) == {}


def test_a_rewording_is_found_among_many_that_share_its_words() -> None:
    """Wording alone compares too few of them to get to it."""
    planted = MEANT[0]
    decoys = [planted.planted.replace("seven", word) for word in ("eight", "five", "six", "four")]
    others = [problem(10 + n, text) for n, text in enumerate([*decoys, planted.source])]

    def known(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
        lean = {planted.planted: (1.0, 0.0), planted.source: (0.9, sqrt(0.19))}
        rows = [lean.get(text, (0.0, 1.0)) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), 2), np.ones(len(texts), np.bool_)

    asked = [problem(1, planted.planted)]
    assert 14 not in {leak.other_id for leak in find_leaks(asked, others, [])}
    near = [leak for leak in find_leaks(asked, others, [], known) if leak.kind == "near problem"]
    assert 14 in {leak.other_id for leak in near}


# Behaviors


@pytest.mark.parametrize("planted", MEANT_CARRYING)
def test_a_behavior_that_means_the_problem_and_has_its_numbers_is_found(planted: Carrying) -> None:
    asked = problem(1, planted.problem, planted.answer)
    held = [behavior(planted.instruction, 7)]
    assert find_leaks([asked], [], held) == []
    assert find_leaks([asked], [], held, leaning(0.3, planted.problem)) == []
    (leak,) = find_leaks([asked], [], held, leaning(0.8, planted.problem))
    assert (leak.kind, leak.behavior_id) == ("behavior carries it", 7)


@pytest.mark.parametrize(
    "instruction",
    [
        "Track gains and losses in order, each with its sign.",
        "Track gains and losses in order: 31 roses minus 25 plus 16.",
        "Track gains and losses in order: what is 15 may become 22.",
    ],
)
def test_a_behavior_with_other_numbers_or_few_carries_nothing(instruction: str) -> None:
    planted = MEANT_CARRYING[0]
    asked = problem(1, planted.problem, planted.answer)
    known = leaning(0.7, planted.problem)
    assert find_leaks([asked], [], [behavior(instruction)], known) == []


def test_a_behavior_that_ends_with_the_answer_is_found() -> None:
    asked = problem(1, "How many two-digit integers have two prime digits?", "16")
    ends = behavior("Multiply the choices: two-digit integers with prime digits number 4 * 4 = 16.")
    goes_on = behavior("Multiply the choices, 16 of them for a start, and see which digits repeat.")
    for cosine, found in ((0.65, ["behavior carries it"]), (0.4, [])):
        known = leaning(cosine, asked.text)
        assert kinds(find_leaks([asked], [], [ends], known)) == found
        assert find_leaks([asked], [], [goes_on], known) == []


@pytest.mark.parametrize("planted", CARRYING)
def test_what_means_something_else_carries_nothing(planted: Carrying) -> None:
    asked, held = problem(1, planted.problem, planted.answer), [behavior(planted.instruction)]
    assert kinds(find_leaks([asked], [], held)) == ["behavior carries it"]
    assert find_leaks([asked], [], held, leaning(0.2, asked.text)) == []


# Which vectors there are


class Broken(CountingEmbedder):
    def embed(self, texts: Sequence[str]) -> Matrix:
        raise ModelUnavailable(f"{len(texts)} texts cannot be embedded.")


class Alike(CountingEmbedder):
    """All texts mean the same."""

    def row(self, _text: str) -> Matrix:
        return np.eye(self.dimensions, dtype=np.float32)[0]


def test_missing_vectors_are_computed_if_they_are_few(store: Store) -> None:
    planted = MEANT[0]
    asked, sources = [problem(1, planted.planted)], [problem(2, planted.source)]
    vectors = Vectors(store, Alike())
    without = leaks_between(asked, sources, [])
    assert (without.without_vectors, without.found) == (None, ())
    too_many = leaks_between(asked, sources, [], vectors, compute_at_most=1)
    assert (too_many.without_vectors, too_many.found) == (2, ())
    few = leaks_between(asked, sources, [], vectors, compute_at_most=2)
    assert (few.without_vectors, few.excluded()) == (0, {1})
    kept = leaks_between(asked, sources, [], vectors, compute_at_most=0)
    assert (kept.without_vectors, kept.found) == (0, few.found)


def test_an_embedder_that_cannot_be_used_leaves_the_words(store: Store) -> None:
    asked, sources = [problem(1, REWORDED[0].planted)], [problem(2, REWORDED[0].source)]
    found = leaks_between(asked, sources, [], Vectors(store, Broken()))
    assert (found.without_vectors, found.excluded()) == (2, {1})


def test_only_what_is_compared_gets_a_vector() -> None:
    puzzle = problem(3, "Make 7.", task="countdown", numbers=[3, 4], target=7)
    paragraphs = problem(4, "Paris is large. Question: How large?", question="How large?")
    held: list[Behavior] = [behavior("Think.", 5)]
    assert meant_texts([puzzle, paragraphs], [], held) == ["How large?", "behavior 5: Think."]
    assert meant_texts([paragraphs], [paragraphs], []) == ["How large?"]
    assert meant_texts([paragraphs], [], []) == []


def _import_what_a_book_saw(store: Store) -> list[NewProblem]:
    """The set `dev`, whose first problem is a rewording of one that `book` was made from."""
    planted = MEANT[0]
    handbook = shelf.create(store, "book", by="ann")
    with store.write() as session:
        seen = run_rows.keep_problem(planted.source, None, "", {}, session=session)
        run_rows.add_run(
            kind="solve", title="", handbook_id=handbook.id, problem_ids=[seen], params={},
            prompts={}, code_version="", by="ann", session=session,
        )  # fmt: skip
    rows = [NewProblem(planted.planted, "2"), NewProblem("How many sides has a cube's face?", "4")]
    sets.import_set(store, "dev", rows, by="ann")
    return rows


def test_a_run_keeps_whether_vectors_helped(store: Store) -> None:
    rows = _import_what_a_book_saw(store)
    told = select(store, "dev", ["book"]).told
    assert (told["without_vectors"], told["left_out"]) == (None, 0)
    selection = select(store, "dev", ["book"], vectors=Vectors(store, Alike()))
    assert (selection.told["without_vectors"], selection.told["left_out"]) == (0, 1)
    assert [one.text for one in selection.problems] == [rows[1].text]


@pytest.mark.parametrize(
    ("embedder", "without_vectors", "flagged", "words"),
    [
        (None, None, 0, "Compared by wording alone"),
        (Alike(), 0, 1, "Compared by wording and meaning."),
        (Broken(), 3, 0, "Compared by wording and meaning; 3 texts without vector."),
    ],
)
def test_the_command_says_whether_vectors_helped(
    cli: Cli,
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    embedder: CountingEmbedder | None,
    without_vectors: int | None,
    flagged: int,
    words: str,
) -> None:
    _import_what_a_book_saw(app.store)
    if embedder:
        made = property(lambda one: Vectors(one.store, embedder))
        monkeypatch.setattr(App, "vectors", made)
    ended = cli("problems", "leaks", "dev", "--handbook", "book", "--json")
    assert ended.code == 0, ended.err
    assert (ended.document["without_vectors"], ended.document["flagged"]) == (
        without_vectors,
        flagged,
    )
    assert words in cli("problems", "leaks", "dev", "--handbook", "book").out


# The real embedder


@pytest.mark.live
@pytest.mark.timeout(600)
def test_with_the_real_embedder(minilm: SentenceEmbedder, store: Store) -> None:
    asked = [problem(n, one.planted) for n, one in enumerate(MEANT)]
    sources = [problem(100 + n, one.source) for n, one in enumerate(MEANT)]
    carried = [problem(200 + n, one.problem, one.answer) for n, one in enumerate(MEANT_CARRYING)]
    held = [behavior(one.instruction, 300 + n) for n, one in enumerate(MEANT_CARRYING)]
    alike = [problem(400 + n, one) for n, (one, _other) in enumerate(APART_IN_MEANING)]
    apart = [problem(500 + n, other) for n, (_one, other) in enumerate(APART_IN_MEANING)]
    problems = [*asked, *carried, *alike]
    found = leaks_between(problems, [*sources, *apart], held, Vectors(store, minilm))
    leaks = {(leak.problem_id, leak.other_id) for leak in found.found if leak.kind in DEFAULT}
    assert found.without_vectors == 0
    assert leaks == {(n, 100 + n) for n in range(len(MEANT))} | {
        (200 + n, None) for n in range(len(MEANT_CARRYING))
    }
