"""Which problems an evaluation is on: a set, the leak guard, and how many are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.evaluation.leaks import DEFAULT, KINDS, Kind, Leaks
from core.evaluation.selection import FEW, Selection, leaks_of, select
from core.store import history, problem_sets
from core.store import vectors as vector_rows
from core.store.records import Handbook, Problem
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.evaluate.vectors import draw_missing_vectors
from pages.ui.markdown import escaped
from pages.ui.problem_import import import_problems

SET = "evaluate_set"
SHOWN = 60


@dataclass(frozen=True)
class Chosen:
    """`told` is what the run keeps of the choice."""

    problems: list[Problem]
    told: dict[str, Any]


def choose_problems(book: Handbook) -> Chosen | None:
    with services.app().store.read() as session:
        sizes = {
            one.name: (one, n) for one, n in problem_sets.problem_sets(session=session).items()
        }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Problem set",
            list(sizes),
            format_func=lambda one: f"{one} · {sizes[one][1]:,} problems",
            key=SET,
            persist_state="session",
            placeholder="none yet: import one",
        )
        if st.button("Import", icon=":material/upload:", key="evaluate_import"):
            import_problems(SET)
    if name is None:
        st.caption(
            "An evaluation needs a set of problems with right answers: import a file, for example "
            "of MATH-500, AIME, GSM8K or HotpotQA."
        )
        return None
    found, size = sizes[name]
    left, right = st.columns(2)
    limit = left.number_input(
        "Problems, drawn at random",
        1,
        max(1, size),
        min(size, 60),
        # Of the set as it is: one of the same name may be smaller.
        key=f"evaluate_limit_{found.digest}",
        persist_state="session",
    )
    draw = right.number_input(
        "Seed of the draw",
        0,
        2**31 - 1,
        0,
        key="evaluate_draw",
        persist_state="session",
        help="The same seed, the same.",
    )
    with shown_errors():
        state = _state(book, name)
        leaks = _found_leaks(name, book.slug, state)
        kinds = _draw_leaks(book, found.digest, leaks)
        state = f"{state} {leaks.without_vectors}"
        made = _selection(name, book.slug, int(limit), int(draw), tuple(kinds), state, leaks)
        ungraded = sum(problem.gold is None for problem in made.problems)
        told = f"{len(made.problems):,} of {size:,} problems"
        told += (
            f"; {made.told['left_out']:,} were left out as leaks" if made.told["left_out"] else ""
        )
        told += f"; {ungraded:,} have no right answer and are not graded" if ungraded else ""
        st.caption(f"{told}.")
        return Chosen(made.problems, made.told)
    return None


def _state(book: Handbook, name: str) -> str:
    """Changes whenever the handbook or the set does: what a search for leaks is kept under."""
    with services.app().store.read() as session:
        found = problem_sets.problem_set(name, session=session)
        return f"{book.slug} {history.last_number(book.id, session=session)} {found.digest}"


def _draw_leaks(book: Handbook, digest: str, leaks: Leaks) -> list[Kind]:
    """What the handbook has seen or carries; gives the kinds that are left out."""
    if leaks.without_vectors:
        what = (
            f"Compared by wording and numbers. {leaks.without_vectors:,} texts have no vector yet, "
            "with which heavier rewordings are found, too."
        )
        draw_missing_vectors([book.slug], what, "evaluate_embed")
    counts = {kind: number for kind, number in leaks.counts().items() if number}
    if not counts:
        st.caption(
            ":material/verified: No problem of this set is one that the handbook was made from, as "
            "far as its origins are known, and no behavior carries one."
        )
        return list(DEFAULT)
    flagged = len({leak.problem_id for leak in leaks.found})
    with st.expander(f"Leak guard: {flagged:,} problems", icon=":material/shield:"):
        kinds = st.pills(
            "Leave out",
            list(counts),
            selection_mode="multi",
            default=[kind for kind in counts if kind in DEFAULT],
            format_func=lambda kind: f"{kind} · {counts[kind]:,}",
            key=f"evaluate_leaks_{digest}_{book.id}",
            wrap=True,
        )
        rows = [
            {"Kind": leak.kind, "Why": leak.why, "Found in": leak.evidence}
            for leak in leaks.found[:SHOWN]
        ]
        st.dataframe(rows, hide_index=True, key="evaluate_leak_rows", alt="Leaks that were found")
        if len(leaks.found) > SHOWN:
            st.caption(escaped(f"and {len(leaks.found) - SHOWN:,} more"))
    return [kind for kind in KINDS if kind in kinds]


def _found_leaks(name: str, slug: str, state: str) -> Leaks:
    """Looked for again where vectors were missing and others are there by now."""
    found = _leaks(name, slug, state)
    embedder = services.app().embedder_name()
    if not found.without_vectors or embedder is None:
        return found
    with services.app().store.read() as session:
        kept = vector_rows.count_vectors(embedder, session=session)
    return _leaks(name, slug, f"{state} {kept}")


@st.cache_resource(max_entries=8, show_spinner="Looking for leaks …")
def _leaks(name: str, slug: str, state: str) -> Leaks:  # noqa: ARG001  kept under it
    store = services.app().store
    with store.read() as session:
        found = problem_sets.problem_set(name, session=session)
        members = problem_sets.problems_of(found.id, session=session)
    return leaks_of(store, members, slug, services.app().vectors, FEW)


@st.cache_resource(max_entries=16, show_spinner="Drawing problems …")
def _selection(
    name: str,
    slug: str,
    limit: int,
    seed: int,
    kinds: tuple[Kind, ...],
    state: str,  # noqa: ARG001  kept under it
    _leaks: Leaks,
) -> Selection:
    store = services.app().store
    return select(store, name, slug, limit=limit, seed=seed, leave_out=kinds, leaks=_leaks)


def leak_sentence(told: Mapping[str, Any]) -> str:
    """How many problems a run left out or kept as leaks."""
    leaks = told.get("leaks") or {}
    kept = sum(leaks.get("kept", {}).values())
    out = told.get("left_out", 0)
    return (
        f"{out:,} left out as leaks, {kept:,} flagged and kept" if out or kept else "no leaks found"
    )
