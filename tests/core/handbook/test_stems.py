"""Stems of words."""

from concurrent.futures import ThreadPoolExecutor

from core.stems import stem

WORDS = [f"{letter}{word}" for letter in "abcdfghklmnprst" for word in ("estimations", "ationally")]


def test_forms_of_a_word_have_one_stem() -> None:
    assert {stem("factor"), stem("factors"), stem("factoring"), stem("factored")} == {"factor"}
    assert stem("sine") != stem("cosine")


def test_threads_do_not_mix_up_their_words() -> None:
    words = [word * times for word in WORDS for times in range(1, 30)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(stem, words))
    stem.cache_clear()
    assert found == [stem(word) for word in words]
