"""Finding by words: stems, stopwords, other scripts, and nothing to find."""

import pytest

from core.retrieval.keywords import Keywords, shared_words, words

TEXTS = {
    3: "behavior factor first: Factoring a quadratic shows its roots.",
    5: "behavior count: Count the cases and subtract the unwanted ones.",
    9: "behavior halve: When a diameter is given, halve it.",
}


def found(problem: str, texts: dict[int, str] = TEXTS, k: int = 10) -> list[int]:
    return list(Keywords(list(texts), list(texts.values())).search(problem, k))


@pytest.mark.parametrize(
    ("problem", "number"),
    [
        ("What are the factors of 12?", 3),
        ("FACTORED!", 3),
        ("Quadratics", 3),
        ("the counting of a case", 5),
        ("Two diameters", 9),
    ],
)
def test_words_are_found_by_their_stem(problem: str, number: int) -> None:
    assert found(problem) == [number]


def test_stopwords_find_nothing() -> None:
    assert found("When is the of a it and its?") == []
    assert words("What is the area of these?") == ["area"]


def test_words_of_mathematics_are_no_stopwords() -> None:
    assert words("not all more no each two") == ["not", "all", "more", "no", "each", "two"]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    texts = {1: "sum triangle", 2: "sum circle", 3: "sum square", 4: "sum cube"}
    scores = Keywords(list(texts), list(texts.values())).search("sum circle", 10)
    assert next(iter(scores)) == 2
    assert scores[2] > 2 * scores[1] > 0
    assert list(scores.values()) == sorted(scores.values(), reverse=True)


def test_more_shared_words_rank_higher() -> None:
    texts = {1: "circle", 2: "circle radius", 3: "radius area sum product"}
    assert found("circle radius", texts)[0] == 2


def test_at_most_k_are_found_and_ties_go_to_the_lower_id() -> None:
    texts = {8: "same words", 2: "same words", 5: "same words", 1: "others"}
    assert found("the same word", texts) == [2, 5, 8]
    assert found("the same word", texts, k=2) == [2, 5]
    assert found("the same word", texts, k=0) == []


def test_each_chinese_character_counts() -> None:
    texts = {1: "先数所有的情况", 2: "直径减半", 3: "count all cases"}
    assert found("有几种情况?", texts) == [1]
    assert found("半径", texts)[0] == 2
    assert words("直径 and カ and 수") == ["直", "径", "カ", "수"]


def test_other_letters_are_words_too() -> None:
    texts = {1: "Größe zählen", 2: "площадь круга"}
    assert found("GRÖSSE", {1: "grösse"}) == [1]
    assert found("Площадь", texts) == [2]


def test_numbers_are_words_and_underscores_part_them() -> None:
    assert words("behavior_halve_first x_1 = 12") == ["behavior", "halv", "first", "x", "1", "12"]


@pytest.mark.parametrize("problem", ["", "   \n", "🧮🎉", "$\\{}[]^+=$", "the of a"])
def test_a_problem_without_words_finds_nothing(problem: str) -> None:
    assert found(problem) == []
    assert shared_words(problem, TEXTS[3]) == []


@pytest.mark.parametrize("texts", [{}, {1: ""}, {1: "🧮", 2: "the of"}, {1: "x" * 500}])
def test_texts_without_words_are_not_found(texts: dict[int, str]) -> None:
    assert found("Count the cases 🧮 " + "x" * 500, texts) == []


def test_texts_without_words_stand_beside_others() -> None:
    texts = {1: "", 2: "count", 3: "🧮", 4: "x" * 500}
    assert found("count 🧮", texts) == [2]


def test_an_endless_word_is_passed_over() -> None:
    assert words("a" * 500 + " count") == ["count"]
    assert shared_words("b" * 500, "b" * 500) == []
    assert words("b" * 60) != []


def test_a_word_that_no_text_has_changes_no_score() -> None:
    index = Keywords(list(TEXTS), list(TEXTS.values()))
    assert index.search("factor zebra", 5) == index.search("factor", 5)


def test_shared_words_stand_as_in_the_text_each_stem_once() -> None:
    problem = "Factor it; what are the roots? Rooted factors."
    assert shared_words(problem, "Factoring shows a root: factors of a Root.") == [
        "factoring",
        "root",
    ]


def test_shared_words_keep_the_order_of_the_text() -> None:
    assert shared_words("sum area circle", "A circle has an area, not a sum.") == [
        "circle",
        "area",
        "sum",
    ]
    assert shared_words("数え", "再び数える") == ["数", "え"]
