"""Aligned steps: which stretch of one reply does what of the other, and what it took."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.document import baseline_of
from core.evaluation.comparison.side_by_side import Beside, Side, side_by_side, tokens
from pages.ui import services
from pages.ui.markdown import escaped, model_markdown

FOLDED = 3  # a run of stretches without a partner is folded from so many on


def draw_steps(made: Mapping[str, Any]) -> None:
    arms = [one["arm"] for one in made["asked"] if _with_text(made["arms"][one["arm"]])]
    if len(arms) < 2:
        return
    place = st.expander(
        "Steps side by side",
        icon=":material/view_column_2:",
        key="compare_steps",
        on_change="rerun",  # the embedder is loaded for those who want to see it
    )
    if not place.open:
        return
    with place:
        left, right, sample = _choose(made, arms)
        takes = [_take(made, arm, sample) for arm in (left, right)]
        if None in takes:
            st.caption("One of the two has no reply for this sample.")
            return
        if st.toggle("Word by word", key="compare_words"):
            _draw_words(*takes)
            return
        found = _aligned((made["run"], left, right, sample), takes)
        if found is None:
            st.caption("Steps are put beside each other by meaning, which needs an embedder.")
            st.page_link("pages/work/models.py", label="Models", icon=":material/memory:")
            return
        called = titles(made["asked"])
        _draw_aligned(found, called[left], called[right])


def _choose(made: Mapping[str, Any], arms: list[str]) -> tuple[str, str, int]:
    baseline = baseline_of(made["asked"])
    first, second, third = st.columns(3)
    at = arms.index(baseline) if baseline in arms else 0
    called = titles(made["asked"]).get
    left = first.selectbox("Left", arms, at, format_func=called, key="compare_left") or arms[0]
    others = [arm for arm in arms if arm != left]
    right = second.selectbox("Right", others, 0, format_func=called, key="compare_right")
    samples = [take["sample"] for take in made["arms"][left]]
    sample = 0
    if len(samples) > 1:
        sample = third.selectbox(
            "Sample", samples, format_func=lambda number: str(number + 1), key="compare_step_sample"
        )
    return left, right or others[0], sample or 0


@st.cache_resource(max_entries=64, show_spinner="Comparing the steps …")
def _aligned(
    named: tuple[int, str, str, int],  # noqa: ARG001  the cache's key
    _takes: Sequence[Mapping[str, Any]],
) -> list[Beside] | None:
    vectors = services.app().vectors
    if vectors is None:
        return None
    return side_by_side(_takes[0], _takes[1], vectors.embedder.embed)


def _draw_aligned(found: list[Beside], left: str, right: str) -> None:
    st.caption(
        "Stretches that say alike stand beside each other; those without a partner are folded. "
        "Tokens are those that arrived in the stretch, as the endpoint counted them."
    )
    head = st.columns([5, 5, 2])
    for column, text in zip(head, (left, right, "difference"), strict=True):
        column.markdown(f"**{escaped(text)}**")
    for number, beside in enumerate(found):
        if beside.left and beside.right:
            _draw_pair(beside)
        else:
            _draw_alone(beside, left if beside.left else right, number)


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


def _draw_alone(beside: Beside, arm: str, number: int) -> None:
    stretch = beside.left or beside.right
    count = tokens(stretch)
    told = "tokens unknown" if count is None else f"{count:,} tokens"
    label = f"Only in {arm}: {len(stretch)} step{'s' * (len(stretch) != 1)}, {told}"
    with st.expander(escaped(label), key=f"compare_alone_{number}"):
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


def _draw_words(left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
    """What the right reply leaves out and adds, word by word."""
    ours, theirs = left["text"].split(), right["text"].split()
    parts = []
    for how, a, b, c, d in difflib.SequenceMatcher(
        None, ours, theirs, autojunk=False
    ).get_opcodes():
        gone, new = escaped(" ".join(ours[a:b])), escaped(" ".join(theirs[c:d]))
        if how == "equal":
            parts.append(gone)
            continue
        parts += [f":red[~~{gone}~~]"] if gone else []
        parts += [f":green-background[{new}]"] if new else []
    st.markdown(" ".join(parts))


def _take(made: Mapping[str, Any], arm: str, sample: int) -> Mapping[str, Any] | None:
    return next((take for take in made["arms"][arm] if take["sample"] == sample), None)


def _with_text(takes: Sequence[Mapping[str, Any]]) -> bool:
    return any(take["text"] or take["thinking"] for take in takes)
