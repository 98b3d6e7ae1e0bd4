"""What an evaluation is to find out, and the arms that tell: the choice at the top of the form."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core import planning
from core.evaluation.comparison.board import title
from core.pipeline.arms import KINDS, MOST_EVALUATED, RETRIEVED, ArmKind
from core.store.records import Handbook
from pages.ui import services, similar
from pages.ui.arm_choice import choose_arms
from pages.ui.errors import shown_errors
from pages.ui.retrieval import draw_retrieval

HELP = "Does the handbook help?"
WORTH = "What is each behavior worth?"
CURATION = "Does curation pay?"
QUESTIONS = (HELP, WORTH, CURATION)
USUAL: list[ArmKind] = ["plain", "bci-embedding", "concise", "random"]


@dataclass(frozen=True)
class Question:
    """`arms` as the command line writes them, for each model; empty where nothing can be asked yet.
    `curation` says what its arms draw on, `fixed` are the behaviors picked by hand.
    """

    name: str
    arms: tuple[str, ...]
    curation: planning.Curation | None = None
    fixed: tuple[int, ...] = ()

    @property
    def lacks_behaviors(self) -> bool:
        """They are to be picked by hand, and none is yet."""
        return "bci-fixed" in self.arms and not self.fixed


def choose_question(book: Handbook, models: Sequence[str]) -> Question:
    """`models` are those that will be asked, the main one first."""
    name = st.pills(
        "What is to be found out",
        QUESTIONS,
        default=HELP,
        required=True,
        key="evaluate_question",
        persist_state="session",
        wrap=True,
    )
    if name == WORTH:
        return Question(WORTH, ("plain", _choose_way("behaviors that are left out at random")))
    if name == CURATION:
        with shown_errors():
            return _about_curation(book, models[0])
        return Question(CURATION, ())
    arms = choose_arms("evaluate", 1, KINDS, USUAL, models, MOST_EVALUATED // len(models))
    fixed = _choose_fixed(book, models[0]) if "bci-fixed" in arms else ()
    return Question(HELP, tuple(arms), fixed=fixed)


def _choose_fixed(book: Handbook, model: str) -> tuple[int, ...]:
    """What is retrieved for a text, less what is dropped, with what is pinned: the same for all
    problems.
    """
    text = st.text_area(
        "What the behaviors picked by hand are for",
        key="evaluate_fixed_for",
        placeholder="Words, or a problem of the kind: behaviors that fit are found by it",
        persist_state="session",
    )
    if not text.strip():
        st.caption("Say what they are for; then choose the behaviors that every problem is given.")
        return ()
    with st.container(border=True):
        st.markdown("**Behaviors given by hand, to every problem**: drop what should not be there.")
        found = draw_retrieval(book, text, "evaluate_fixed", model_of_form=model)
    if found and not found.hits:
        st.caption("Every problem has to be given one at least: pin one, or take one back in.")
    return tuple(hit.behavior.id for hit in found.hits) if found else ()


def _choose_way(what: str) -> ArmKind:
    kinds = list(RETRIEVED)
    kind = st.segmented_control(
        f"How they are retrieved: {what}",
        kinds,
        default="bci-embedding",
        required=True,
        format_func=title,
        key="evaluate_way",
        persist_state="session",
    )
    return kind or "bci-embedding"


def _about_curation(book: Handbook, model: str) -> Question:
    kind = _choose_way("the same in all arms")
    found = _curation(book.slug, kind, model, similar.stamp(book.id))
    rows = [
        "No behaviors",
        f"The raw extraction: {found.raw:,} behaviors, as models first proposed them",
        f"{found.accepted:,} of them, drawn at random: as many as were accepted",
        f"The handbook as it was curated: {found.accepted:,} accepted behaviors",
    ]
    if len(found.arms) < len(rows):
        del rows[2]
        st.caption(
            "The curated handbook is not smaller than the raw extraction, so a random part of it "
            "that is as large cannot be drawn."
        )
    st.markdown("\n".join(f"{at}. {row}" for at, row in enumerate(rows, 1)))
    return Question(CURATION, tuple(one.label for one in found.arms), found)


@st.cache_resource(max_entries=8, show_spinner="Reading the history …")
def _curation(
    slug: str,
    kind: ArmKind,
    model: str,
    state: str,  # noqa: ARG001  kept under it
) -> planning.Curation:
    return planning.curation_of(services.app(), slug, kind, model)
