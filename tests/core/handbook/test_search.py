"""Finding behaviors by words and topics."""

import pytest

from core.handbook.search import matching
from tests.core.handbook.strategies import as_record

BOOK = [
    as_record({"name": "behavior_add_rates", "instruction": "Sum the rates.", "topic": "Algebra"}),
    as_record({"name": "behavior_halve", "instruction": "Halve the Diámeter.", "tags": ["circle"]}),
    as_record({"name": "behavior_count", "instruction": "Zähle die Größen.", "topic": "Counting"}),
]


@pytest.mark.parametrize(
    ("words", "topics", "found"),
    [
        ("", [], ["add_rates", "halve", "count"]),
        ("rates", [], ["add_rates"]),
        ("RATES sum", [], ["add_rates"]),
        ("behavior_add", [], ["add_rates"]),
        ("diameter", [], ["halve"]),
        ("circle", [], ["halve"]),
        ("algebra", [], ["add_rates"]),
        ("grossen", [], ["count"]),
        ("rates circle", [], []),
        ("", ["Algebra", "Counting"], ["add_rates", "count"]),
        ("count", ["Algebra"], []),
        ("数学", [], []),
    ],
)
def test_words_and_topics(words: str, topics: list[str], found: list[str]) -> None:
    names = [behavior.name.removeprefix("behavior_") for behavior in matching(BOOK, words, topics)]
    assert names == found
