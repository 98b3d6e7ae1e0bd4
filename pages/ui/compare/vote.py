"""A vote between two arms on the sample that is shown, open or blind; it is kept with the run."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.evaluation.comparison.board import LETTERS, titles
from core.evaluation.comparison.document import baseline_of
from core.store import votes as vote_rows
from core.store.records import Better
from pages.ui import services
from pages.ui.compare.blind import draw_show_names, go_blind, show_names, written
from pages.ui.markdown import escaped
from pages.ui.state import curator

Made = Mapping[str, Any]
CHOICES: dict[Better, str] = {
    "first": "A is better",
    "second": "B is better",
    "both": "Both are good",
    "neither": "Neither is good",
}


def draw_vote(made: Made, sample: int) -> None:
    """Open: everything was seen."""
    arms = written(made)
    if len(arms) < 2:
        return
    _draw_question(made, sample)
    called = titles(made["asked"])
    pair = _pair(made, arms) if len(arms) == 2 else _choose_pair(made, arms)
    with st.container(horizontal=True, vertical_alignment="center"):
        _draw_choices(made, sample, pair, called, blind=False)
        st.button(
            "Judge blind",
            icon=":material/visibility_off:",
            key="compare_go_blind",
            help="Without names and figures. The address of that page can be sent to others.",
            on_click=go_blind,
        )
    for vote in made["votes"]:
        how = ", blind" if vote["blind"] else ""
        st.caption(escaped(f"{vote['by']} found {_told(made, vote, called)}{how}."))


def draw_blind_vote(made: Made, sample: int, arms: Sequence[str]) -> None:
    """`arms` are those behind the letters A, B and so on. Others' votes would sway a reader."""
    _draw_question(made, sample)
    more = len(arms) > 2 or made["settings"]["samples"] > 1
    st.caption(
        "Names, sides and figures are hidden, and names of behaviors are taken out of the replies. "
        "The wording of a reply can still give its arm away, as where it speaks of behaviors. "
        + ("All is shown when you ask for it." if more else "All is shown after your vote.")
    )
    called = dict(zip(arms, LETTERS, strict=False))
    pair = (arms[0], arms[1]) if len(arms) == 2 else _choose_letters(made, called)
    with st.container(horizontal=True, vertical_alignment="center"):
        _draw_choices(made, sample, pair, called, blind=True, ends=not more)
        draw_show_names()
    for vote in made["votes"]:
        known = {vote["first"], vote["second"]} <= called.keys()
        if vote["blind"] and vote["by"] == curator() and known:
            st.caption(f"You found {_told(made, vote, called)}.")


def _draw_question(made: Made, sample: int) -> None:
    where = f" in sample {sample + 1}" if made["settings"]["samples"] > 1 else ""
    st.subheader(f"Which is better{where}?", anchor=False)


def _draw_choices(
    made: Made,
    sample: int,
    pair: tuple[str, str],
    called: Mapping[str, str],
    *,
    blind: bool,
    ends: bool = False,
) -> None:
    if not set(pair) <= set(written(made, sample)):
        st.caption("One of the two has no reply here.", width="content")
        return
    for better, label in CHOICES.items():
        st.button(
            _named(label, [called[arm] for arm in pair]),
            key=f"compare_vote_{better}",
            on_click=_vote,
            args=(made["run"], sample, pair, better, blind, ends),
        )


def _choose_pair(made: Made, arms: list[str]) -> tuple[str, str]:
    first, second = _pair(made, arms)
    left, right = st.columns(2)
    called = titles(made["asked"]).get
    at = arms.index(first)
    first = left.selectbox("A", arms, at, format_func=called, key="compare_first") or first
    others = [arm for arm in arms if arm != first]
    at = others.index(second) if second in others else 0
    second = right.selectbox("B", others, at, format_func=called, key="compare_second_arm")
    return first, second or others[0]


def _pair(made: Made, arms: list[str]) -> tuple[str, str]:
    """The pair that was chosen, else the baseline and the first other arm."""
    baseline = baseline_of([one for one in made["asked"] if one["arm"] in arms])
    other = next(arm for arm in arms if arm != baseline)
    chosen = (
        st.session_state.get("compare_first", baseline),
        st.session_state.get("compare_second_arm", other),
    )
    return chosen if set(chosen) <= set(arms) and len(set(chosen)) == 2 else (baseline, other)


def _choose_letters(made: Made, called: Mapping[str, str]) -> tuple[str, str]:
    """Of three and more, which two the vote is on."""
    arms, key = list(called), f"compare_blind_{made['run']}"
    left, right = st.columns(2)
    first = left.selectbox("This one", arms, format_func=called.get, key=f"{key}_first") or arms[0]
    others = [arm for arm in arms if arm != first]
    second = right.selectbox("or this", others, format_func=called.get, key=f"{key}_second")
    return first, second or others[0]


def _named(label: str, names: Sequence[str]) -> str:
    for letter, name in zip("AB", names, strict=True):
        if label.startswith(f"{letter} "):
            return escaped(f"{name}{label[1:]}")
    return label


def _vote(
    run_id: int, sample: int, pair: tuple[str, str], better: Better, blind: bool, ends: bool
) -> None:
    with services.app().store.write() as session:
        vote_rows.add_vote(
            run_id, sample, *pair, better, blind=blind, by=curator(), session=session
        )
    if ends:
        show_names()


def _told(made: Made, vote: Mapping[str, Any], called: Mapping[str, str]) -> str:
    first, second = called[vote["first"]], called[vote["second"]]
    said = {
        "first": f"{first} better than {second}",
        "second": f"{second} better than {first}",
        "both": f"{first} and {second} both good",
        "neither": f"neither {first} nor {second} good",
    }[vote["better"]]
    return f"{said} in sample {vote['sample'] + 1}" if made["settings"]["samples"] > 1 else said
