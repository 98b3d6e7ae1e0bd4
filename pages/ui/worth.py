"""What a behavior is worth, wherever one stands on a screen; and what a decision would change."""

import time
from collections.abc import Mapping, Sequence

import streamlit as st

from core.evaluation.worth.consequences import Consequence, Decision, consequences
from core.evaluation.worth.experiment import Experiment, experiments
from core.evaluation.worth.observed import NEVER, Use, observed, stamp
from core.evaluation.worth.retiring import Retirement, retirements
from core.evaluation.worth.telling import Standing, counted, right_told, standing, tokens_told
from core.store import behaviors as rows
from core.store.records import Behavior, Handbook
from pages.ui import services
from pages.ui.evaluate.questions import WORTH
from pages.ui.map.sending import draw_send
from pages.ui.markdown import escaped

SHOWN = 12
LOOKED_AT = 200
FRESH_SECONDS = 60
IF: dict[Decision, str] = {
    "reject": "If rejected",
    "merge": "If merged",
    "edit": "If reworded",
}


def uses_of(handbook_id: int) -> Mapping[int, Use]:
    """Behavior id -> what was seen of it in evaluations and comparisons.

    While a run goes on, what is known may be a minute old: every reply would mean reading it anew.
    """
    state, held = stamp(services.app().store, handbook_id), _held()
    known = held.get(handbook_id)
    if known is None or (known[1] != state and time.monotonic() - known[0] > FRESH_SECONDS):
        known = held[handbook_id] = (time.monotonic(), state, _observed(handbook_id, state))
    return known[2]


def standings(handbook_id: int) -> dict[int, Standing]:
    """Behavior id -> what the newest experiment with it shows; those that none tried are not in."""
    found: dict[int, Standing] = {}
    for one in _experiments(handbook_id, stamp(services.app().store, handbook_id)):
        for number, finding in one.behaviors.items():
            found.setdefault(number, standing(finding.worth))
    return found


def worth_line(behavior: Behavior) -> str:
    """In a line; empty where it was never given."""
    use = uses_of(behavior.handbook_id).get(behavior.id, NEVER)
    if not use.given:
        return ""
    told = [f"given {counted(use.given, 'time')}", f"cited {use.cited:,}"]
    if use.cited_graded:
        told.append(f"right in {use.cited_right:,} of {use.cited_graded:,} that cite it")
    if use.token_difference is not None:
        told.append(f"{use.token_difference:+,.0f} tokens beside plain when cited")
    return " · ".join(told)


def draw_worth(behavior: Behavior) -> None:
    """On the behavior's own screen: what was seen, and what experiments found."""
    st.subheader("Worth", anchor=False)
    use = uses_of(behavior.handbook_id).get(behavior.id, NEVER)
    if not use.given:
        st.caption("No evaluation and no comparison has given it to a model yet.")
        return
    with st.container(horizontal=True):
        st.metric("Given", f"{use.given:,}", width="content")
        st.metric("Cited", f"{use.cited:,}", width="content")
        st.metric("Right when given", _share(use.right, use.graded), width="content")
        st.metric("Right when cited", _share(use.cited_right, use.cited_graded), width="content")
        st.metric("Tokens beside plain", _difference(use), width="content")
    state = stamp(services.app().store, behavior.handbook_id)
    made = [
        one for one in _experiments(behavior.handbook_id, state) if behavior.id in one.behaviors
    ]
    st.caption(
        f"On {counted(use.problems, 'problem')} in {counted(use.runs, 'run')}. What was seen is no "
        "proof: harder problems get other behaviors."
        + ("" if made else f" What it does is told by an experiment: Evaluate, “{WORTH}”.")
    )
    for one in made:
        found = one.behaviors[behavior.id]
        told = [tokens_told(found.worth.tokens)] if found.worth.tokens else []
        told += [right_told(found.worth.right)] if found.worth.right else []
        st.markdown(
            f":material/science: Evaluation {one.run_id}, {escaped(one.arm)}: "
            f"{escaped('; '.join(told) or 'its effect cannot be told')}."
        )


def draw_consequences(behavior_ids: Sequence[int], decision: Decision) -> None:
    """Which evaluated problems a decision would give another set, and how they had scored.

    Of very many behaviors the first are looked at, and it is said of how many.
    """
    found = _consequences(tuple(behavior_ids[:LOOKED_AT]))
    if not found.arms:
        return
    at_least = "at least " if len(behavior_ids) > LOOKED_AT else ""
    changed = f"{at_least}{len(found.problem_ids):,}"
    label = f"{IF[decision]}, evaluated problems that would get another set: {changed}"
    with st.expander(label, icon=":material/preview:"):
        if at_least:
            st.caption(f"Looked at the first {LOOKED_AT:,} of {len(behavior_ids):,} behaviors.")
        for sentence in found.sentences(decision):
            st.markdown(escaped(sentence))
        shown = [(arm, one) for arm in found.arms for one in arm.changed]
        lines = [
            {
                "Arm": arm.arm,
                "Problem": one.words,
                "Its answers": one.scores.told,
                "Plain": one.plain.told if one.plain else "–",
            }
            for arm, one in shown[:SHOWN]
        ]
        if lines:
            key = f"consequences_{decision}"
            st.dataframe(lines, hide_index=True, key=key, alt="Problems with another set")
        if len(shown) > SHOWN:
            st.caption(f"and {len(shown) - SHOWN:,} more")


def draw_retirements(book: Handbook) -> None:
    """Behaviors that a person might take out, with reasons; they can be sent to the desk."""
    found = _retirements(book.id, stamp(services.app().store, book.id))
    if not found:
        return
    with st.expander(f"Might be taken out: {len(found):,}", icon=":material/archive:"):
        for one in found[:SHOWN]:
            st.markdown(f"`{one.name}` :orange-badge[{one.kind}]")
            st.caption(escaped(one.reason))
        if len(found) > SHOWN:
            st.caption(f"and {len(found) - SHOWN:,} more")
        ids = [one.behavior_id for one in found]
        draw_send(book, ids, "retirements_send", statuses=("accepted",))


def _share(right: int, graded: int) -> str:
    return f"{right / graded:.0%} of {graded:,}" if graded else "unknown"


def _difference(use: Use) -> str:
    return "unknown" if use.token_difference is None else f"{use.token_difference:+,.0f}"


def _consequences(behavior_ids: tuple[int, ...]) -> Consequence:
    store = services.app().store
    with store.read() as session:
        found = rows.behaviors_by_id(behavior_ids, session=session)
    books = sorted({behavior.handbook_id for behavior in found.values()})
    return _changes(behavior_ids, tuple(stamp(store, number) for number in books))


@st.cache_resource
def _held() -> dict[int, tuple[float, tuple[int, ...], Mapping[int, Use]]]:
    """Handbook id -> when it was read, in which state, and what was found."""
    return {}


@st.cache_resource(max_entries=8, show_spinner="Reading what was cited …")
def _observed(handbook_id: int, state: tuple[int, ...]) -> dict[int, Use]:  # noqa: ARG001
    return observed(services.app().store, handbook_id)


@st.cache_resource(max_entries=8, show_spinner="Reading experiments …")
def _experiments(handbook_id: int, state: tuple[int, ...]) -> list[Experiment]:  # noqa: ARG001
    return experiments(services.app().store, handbook_id)


@st.cache_resource(max_entries=8, show_spinner="Looking at what was evaluated …")
def _changes(behavior_ids: tuple[int, ...], state: tuple[tuple[int, ...], ...]) -> Consequence:  # noqa: ARG001
    """Kept, as a dialog is drawn anew whenever it is touched."""
    return consequences(services.app().store, behavior_ids)


@st.cache_resource(max_entries=8, show_spinner=False)
def _retirements(handbook_id: int, state: tuple[int, ...]) -> list[Retirement]:
    used, tried = _observed(handbook_id, state), _experiments(handbook_id, state)
    return retirements(services.app().store, handbook_id, used, tried)
