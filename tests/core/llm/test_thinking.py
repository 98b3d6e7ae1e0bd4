"""Thinking and answer are kept apart alike, however the pieces of a reply are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.thinking import ThinkingSplitter

# Plain text, white space and what looks like the beginning of a tag, but no whole tag.
TEXTS = st.text(alphabet=st.sampled_from("ab <>/\nthink"), max_size=30).filter(
    lambda text: "<think>" not in text and "</think>" not in text
)
WORDS = TEXTS.filter(str.strip)
CUTS = st.lists(st.integers(1, 9), min_size=1, max_size=8)
REPLIES = [
    "<think>\nSeven or eight?\n</think>\n\nSeven.",
    "\n <think>Seven < eight</think>Seven.",
    "<think></think>Seven.",
    "Seven or eight?\n</think>\n\nSeven.",
    "<think>only thinking",
    "One writes <think> before and not after.",
    "Seven. <thi",
    "</",
    "",
]


def read(content: str, cuts: list[int], mode: str = "auto") -> ThinkingSplitter:
    """A splitter that got the content in pieces; the cuts are gone through again and again."""
    splitter = ThinkingSplitter(mode)
    at = turn = 0
    while at < len(content):
        splitter.add_content(content[at : at + cuts[turn % len(cuts)]])
        at += cuts[turn % len(cuts)]
        turn += 1
    splitter.close()
    return splitter


@pytest.mark.parametrize("content", REPLIES)
def test_every_chunk_size_reads_the_same(content: str) -> None:
    whole = read(content, [len(content) + 1])
    for size in range(1, len(content) + 1):
        parted = read(content, [size])
        assert parted.thinking.strip() == whole.thinking.strip()
        assert parted.text.strip() == whole.text.strip()
        assert parted.found == whole.found


@given(thinking=WORDS, text=WORDS, cuts=CUTS)
def test_tags_in_the_content(thinking: str, text: str, cuts: list[int]) -> None:
    splitter = read(f"<think>{thinking}</think>{text}", cuts)
    assert splitter.thinking.strip() == thinking.strip()
    assert splitter.text.strip() == text.strip()
    assert splitter.found == "tags"


@given(thinking=WORDS, text=WORDS, cuts=CUTS)
def test_a_tag_that_the_prompt_had_opened(thinking: str, text: str, cuts: list[int]) -> None:
    splitter = read(f"{thinking}</think>{text}", cuts)
    assert splitter.thinking.strip() == thinking.strip()
    assert splitter.text.strip() == text.strip()
    assert splitter.flipped


@given(text=TEXTS, cuts=CUTS, mode=st.sampled_from(["auto", "tags", "none", "reasoning_content"]))
def test_text_without_tags_stays_as_it_is(text: str, cuts: list[int], mode: str) -> None:
    splitter = read(text, cuts, mode)
    assert splitter.thinking == ""
    assert splitter.text.strip() == text.strip()
    assert splitter.found == "none"


@given(thinking=TEXTS, text=TEXTS, cuts=CUTS, mode=st.sampled_from(["none", "reasoning_content"]))
def test_tags_count_only_where_they_are_expected(
    thinking: str, text: str, cuts: list[int], mode: str
) -> None:
    content = f"<think>{thinking}</think>{text}"
    assert read(content, cuts, mode).text == content


@given(content=st.one_of(TEXTS, st.tuples(TEXTS, TEXTS).map("</think>".join)), cuts=CUTS)
def test_pieces_add_up_to_what_is_kept(content: str, cuts: list[int]) -> None:
    """What is handed on piece by piece is all that is kept, in the same order."""
    splitter = ThinkingSplitter()
    pieces = []
    for at in range(0, len(content), cuts[0]):
        pieces += splitter.add_content(content[at : at + cuts[0]])
    pieces += splitter.close()
    together = "".join(piece for _side, piece in pieces)
    assert together == splitter.thinking + splitter.text
    assert all(piece for _side, piece in pieces)


def test_a_field_of_its_own_ends_the_search_for_tags() -> None:
    splitter = ThinkingSplitter()
    splitter.add_reasoning("Hm.")
    splitter.add_content("<think> is a tag, </think> too")
    assert splitter.thinking == "Hm."
    assert splitter.text == "<think> is a tag, </think> too"
    assert splitter.found == "reasoning_content"


def test_an_answer_may_write_about_tags_after_thinking() -> None:
    splitter = read("<think>Hm.</think>Then <think> and </think> stand there.", [3])
    assert splitter.text == "Then <think> and </think> stand there."


def test_what_might_become_a_tag_is_held_back_until_it_is_none() -> None:
    splitter = ThinkingSplitter()
    splitter.add_content("is 3 </thi")
    assert splitter.text == "is 3 "
    splitter.add_content("rd")
    assert splitter.text == "is 3 </third"
