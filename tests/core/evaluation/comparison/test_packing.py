"""Chunks as columns: as they were, and short."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.comparison.packing import packed, unpacked
from tests.core.evaluation.comparison import document

some_chunks = st.lists(
    st.tuples(
        st.integers(-5, 10**6),
        st.sampled_from(["thinking", "text"]),
        st.integers(0, 400),
        st.none() | st.integers(0, 10**6),
    ).map(list)
)


@given(some_chunks)
def test_what_was_packed_comes_out_again(chunks: list[list[Any]]) -> None:
    assert unpacked(json.loads(json.dumps(packed(chunks)))) == chunks


def test_columns_by_hand() -> None:
    chunks = [[180, "thinking", 4, 1], [200, "text", 2, None], [230, "text", 3, 3]]
    assert packed(chunks) == {
        "ms": [180, 20, 30],
        "side": [["thinking", 1], ["text", 2]],
        "length": [4, 2, 3],
        "tokens": [[1, 1], [None, 1], [2, 1]],
    }


def test_where_every_chunk_is_a_token_they_are_a_fifth_as_long() -> None:
    chunks = [[180 + 24 * at, "text", 1 + at % 6, at + 1] for at in range(5000)]
    assert len(json.dumps(packed(chunks), separators=(",", ":"))) * 5 < len(json.dumps(chunks))


def test_a_reply_as_it_came() -> None:
    for (take,) in document(6)["arms"].values():
        assert unpacked(packed(take["chunks"])) == take["chunks"]
