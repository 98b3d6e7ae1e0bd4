"""Two replies beside each other: stretches that say alike, or word by word."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st
from rapidfuzz.distance import Indel

from core.evaluation.comparison.side_by_side import Beside, Embed, Side, side_by_side, tokens
from pages.ui import services
from pages.ui.markdown import escaped, model_markdown

Take = Mapping[str, Any]
MOST_EQUAL_PAIRS = 200_000


def draw_steps_beside(takes: tuple[Take, Take], names: tuple[str, str], key: str) -> None:
    """`key` tells this pair from others on the page."""
    vectors = services.app().vectors
    if vectors is None:
        st.caption("Steps are put beside each other by meaning, which needs an embedder.")
        st.page_link("pages/work/models.py", label="Models", icon=":material/memory:")
        return
    texts = [take["thinking"] + take["text"] for take in takes]
    counted = [(take["output_tokens"], len(take["chunks"])) for take in takes]
    found = _aligned(texts, counted, vectors.embedder.name, takes, vectors.embedder.embed)
    st.caption(
        "Stretches that say alike stand beside each other; those without a partner are folded. "
        "Tokens are those that arrived in the stretch, as the endpoint counted them."
    )
    head = st.columns([5, 5, 2])
    for column, text in zip(head, (*names, "difference"), strict=True):
        column.markdown(f"**{escaped(text)}**")
    left, right = names
    for number, beside in enumerate(found):
        if beside.left and beside.right:
            _draw_pair(beside)
        else:
            _draw_alone(beside, left if beside.left else right, f"{key}_alone_{number}")


def draw_words_beside(left: str, right: str) -> None:
    """What the right text leaves out and adds, word by word."""
    ours, theirs = left.split(), right.split()
    parts = []
    for how, a, b, c, d in _changes(ours, theirs):
        gone, new = escaped(" ".join(ours[a:b])), escaped(" ".join(theirs[c:d]))
        if how == "equal":
            parts.append(gone)
            continue
        parts += [f":red[~~{gone}~~]"] if gone else []
        parts += [f":green-background[{new}]"] if new else []
    st.markdown(" ".join(parts))


def _changes(
    ours: Sequence[str], theirs: Sequence[str]
) -> Iterable[tuple[str, int, int, int, int]]:
    """As difflib tells them: in long stretches, as people read. But its time grows with the pairs
    of equal words, and of a model that repeats itself to the end of its budget there are millions.
    """
    counts, others = Counter(ours), Counter(theirs)
    if sum(count * others[word] for word, count in counts.items()) <= MOST_EQUAL_PAIRS:
        return difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return [
        (one.tag, one.src_start, one.src_end, one.dest_start, one.dest_end)
        for one in Indel.opcodes(ours, theirs)
    ]


@st.cache_resource(max_entries=64, show_spinner="Comparing the steps …")
def _aligned(
    texts: list[str],  # noqa: ARG001  kept under these three
    counted: list[tuple[int | None, int]],  # noqa: ARG001
    embedder: str,  # noqa: ARG001
    _takes: tuple[Take, Take],
    _embed: Embed,
) -> list[Beside]:
    return side_by_side(_takes[0], _takes[1], _embed)


def _draw_pair(beside: Beside) -> None:
    with st.container(border=True):
        left, right, cost = st.columns([5, 5, 2])
        with left:
            _draw_side(beside.left)
        with right:
            _draw_side(beside.right)
        with cost:
            st.markdown(_difference(beside.saved))
            if beside.similarity is not None:
                st.caption(f"similarity {beside.similarity:.2f}")


def _draw_alone(beside: Beside, name: str, key: str) -> None:
    stretch = beside.left or beside.right
    count = tokens(stretch)
    told = "tokens unknown" if count is None else f"{count:,} tokens"
    label = f"Only in {name}: {len(stretch)} step{'s' * (len(stretch) != 1)}, {told}"
    with st.expander(escaped(label), key=key):
        _draw_side(stretch)


def _draw_side(stretch: Sequence[Side]) -> None:
    for side in stretch:
        st.markdown(model_markdown(side.text), anchors=False)


def _difference(saved: int | None) -> str:
    if saved is None:
        return ":gray[tokens unknown]"
    if saved > 0:
        return f":green[{saved:,} fewer]"
    return f":orange[{-saved:,} more]" if saved < 0 else ":gray[as many]"
