"""A vote between two arms, blind if wanted; it is kept with the run."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.evaluation.comparison.board import titles
from core.evaluation.comparison.document import baseline_of
from core.store import votes as vote_rows
from core.store.records import Better
from pages.ui import services
from pages.ui.markdown import escaped
from pages.ui.state import curator

BLIND = "compare_blind"
CHOICES: dict[Better, str] = {
    "first": "A is better",
    "second": "B is better",
    "both": "Both are good",
    "neither": "Neither is good",
}


def blind_pair(made: Mapping[str, Any]) -> tuple[str, ...]:
    """The two arms of a blind vote, in an order that nobody can guess; empty where it is open."""
    pair: tuple[str, ...] = st.session_state.get(f"{BLIND}_{made['run']}", ())
    return pair


def draw_vote(made: Mapping[str, Any], hidden: Sequence[str]) -> None:
    """`hidden` are the arms A and B of a blind vote."""
    if len(_arms(made)) < 2:
        return
    st.subheader("Which is better?", anchor=False)
    pair = tuple(hidden) or _choose_pair(made)
    called = titles(made["asked"])
    if hidden:
        st.caption(
            "Names, sides and figures are hidden. Read both, then decide; all is shown after."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        for better, label in CHOICES.items():
            st.button(
                label if hidden else _named(label, [called[arm] for arm in pair]),
                key=f"compare_vote_{better}",
                on_click=_vote,
                args=(made["run"], pair, better, bool(hidden)),
            )
        if hidden:
            st.button("Leave the blind vote", on_click=_go_open, args=(made["run"],))
        else:
            st.button(
                "Vote blind",
                icon=":material/visibility_off:",
                key="compare_go_blind",
                on_click=_go_blind,
                args=(made["run"], pair),
            )
    if not hidden:
        _draw_votes(made, called)


def _arms(made: Mapping[str, Any]) -> list[str]:
    """Those that wrote something: on nothing nobody can vote."""
    return [
        one["arm"]
        for one in made["asked"]
        if any(take["text"] for take in made["arms"].get(one["arm"], ()))
    ]


def _choose_pair(made: Mapping[str, Any]) -> tuple[str, str]:
    first, second = _pair(made)
    arms = _arms(made)
    if len(arms) == 2:
        return first, second
    left, right = st.columns(2)
    called = titles(made["asked"]).get
    at = arms.index(first)
    first = left.selectbox("A", arms, at, format_func=called, key="compare_first") or first
    others = [arm for arm in arms if arm != first]
    at = others.index(second) if second in others else 0
    second = right.selectbox("B", others, at, format_func=called, key="compare_second_arm")
    return first, second or others[0]


def _pair(made: Mapping[str, Any]) -> tuple[str, str]:
    """The pair that was chosen, else the baseline and the first other arm."""
    arms = _arms(made)
    baseline = baseline_of([one for one in made["asked"] if one["arm"] in arms])
    other = next(arm for arm in arms if arm != baseline)
    chosen = (
        st.session_state.get("compare_first", baseline),
        st.session_state.get("compare_second_arm", other),
    )
    return chosen if set(chosen) <= set(arms) and len(set(chosen)) == 2 else (baseline, other)


def _named(label: str, names: Sequence[str]) -> str:
    for letter, name in zip("AB", names, strict=True):
        if label.startswith(f"{letter} "):
            return escaped(f"{name}{label[1:]}")
    return label


def _vote(run_id: int, pair: tuple[str, str], better: Better, blind: bool) -> None:
    with services.app().store.write() as session:
        vote_rows.add_vote(run_id, 0, *pair, better, blind=blind, by=curator(), session=session)
    _go_open(run_id)


def _go_blind(run_id: int, pair: Sequence[str]) -> None:
    """Keeps the pair itself: what chose it is not drawn meanwhile, so its choice would be lost."""
    shuffled = list(pair)
    random.Random(f"{run_id} {curator()}").shuffle(shuffled)  # noqa: S311  no secret
    st.session_state[f"{BLIND}_{run_id}"] = tuple(shuffled)


def _go_open(run_id: int) -> None:
    st.session_state.pop(f"{BLIND}_{run_id}", None)


def _draw_votes(made: Mapping[str, Any], called: Mapping[str, str]) -> None:
    for vote in made["votes"]:
        first, second = called[vote["first"]], called[vote["second"]]
        said = {
            "first": f"{first} better than {second}",
            "second": f"{second} better than {first}",
            "both": f"{first} and {second} both good",
            "neither": f"neither {first} nor {second} good",
        }[vote["better"]]
        how = ", blind" if vote["blind"] else ""
        st.caption(f"{escaped(vote['by'])} found {escaped(said)}{how}.")
