"""Which problems an evaluation is on: a set, the leak guard, and how many are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.evaluation.leaks import DEFAULT, KINDS, Kind, Leaks
from core.evaluation.selection import FEW, Selection, leaks_of, select
from core.store import handbooks as handbook_rows
from core.store import history, problem_sets
from core.store import vectors as vector_rows
from core.store.records import Problem
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


def choose_problems(books: Sequence[str]) -> Chosen | None:
    """For arms that draw on the handbooks with these slugs, of which some may not be made yet."""
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
        state = f"{leak_state(books)} {found.digest}"
        leaks = _found_leaks(name, tuple(books), state)
        kinds = _draw_leaks(books, found.digest, leaks)
        state = f"{state} {leaks.without_vectors}"
        made = _selection(name, tuple(books), int(limit), int(draw), tuple(kinds), state, leaks)
        ungraded = sum(problem.gold is None for problem in made.problems)
        told = f"{len(made.problems):,} of {size:,} problems"
        told += f"; {made.told['left_out']:,} left out as leaks" if made.told["left_out"] else ""
        told += f"; {ungraded:,} have no right answer and are not graded" if ungraded else ""
        st.caption(f"{told}.")
        return Chosen(made.problems, made.told)
    return None


def leak_state(books: Sequence[str]) -> str:
    """Changes whenever one of these handbooks does: what a search for leaks is kept under."""
    with services.app().store.read() as session:
        made = [handbook_rows.handbook_by_slug(slug, session=session) for slug in books]
        steps = [history.last_number(book.id, session=session) if book else None for book in made]
    return " ".join(f"{slug} {step}" for slug, step in zip(books, steps, strict=True))


def _draw_leaks(books: Sequence[str], digest: str, leaks: Leaks) -> list[Kind]:
    """What the handbooks have seen or carry; gives the kinds that are left out."""
    if leaks.without_vectors:
        what = (
            f"Compared by wording and numbers. {leaks.without_vectors:,} texts have no vector yet, "
            "with which heavier rewordings are found, too."
        )
        draw_missing_vectors(_made(books), what, "evaluate_embed")
    counts = {kind: number for kind, number in leaks.counts().items() if number}
    if not counts:
        st.caption(
            ":material/verified: No problem of this set is one that "
            + ("the handbook was" if len(books) == 1 else "the handbooks of these arms were")
            + " made from, as far as the origins are known, and no behavior carries one."
        )
        return list(DEFAULT)
    flagged = len({leak.problem_id for leak in leaks.found})
    with st.expander(f"Leak guard: {flagged:,} flagged", icon=":material/shield:"):
        kinds = st.pills(
            "Leave out",
            list(counts),
            selection_mode="multi",
            default=[kind for kind in counts if kind in DEFAULT],
            format_func=lambda kind: f"{kind} · {counts[kind]:,}",
            key=f"evaluate_leaks_{digest}_{'_'.join(books)}",
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


def vector_state() -> str:
    """Changes whenever the embedder in use does, or has more vectors."""
    embedder = services.app().embedder_name()
    if embedder is None:
        return ""
    with services.app().store.read() as session:
        return f"{embedder} {vector_rows.count_vectors(embedder, session=session)}"


def _made(books: Sequence[str]) -> list[str]:
    with services.app().store.read() as session:
        return [one for one in books if handbook_rows.handbook_by_slug(one, session=session)]


def _found_leaks(name: str, books: tuple[str, ...], state: str) -> Leaks:
    """Looked for again where vectors were missing and others are there by now."""
    found = _leaks(name, books, state)
    if not found.without_vectors:
        return found
    return _leaks(name, books, f"{state} {vector_state()}")


@st.cache_resource(max_entries=8, show_spinner="Looking for leaks …")
def _leaks(name: str, books: tuple[str, ...], state: str) -> Leaks:  # noqa: ARG001  kept under it
    store = services.app().store
    with store.read() as session:
        found = problem_sets.problem_set(name, session=session)
        members = problem_sets.problems_of(found.id, session=session)
    return leaks_of(store, members, books, services.app().vectors, FEW)


@st.cache_resource(max_entries=16, show_spinner="Drawing problems …")
def _selection(
    name: str,
    books: tuple[str, ...],
    limit: int,
    seed: int,
    kinds: tuple[Kind, ...],
    state: str,  # noqa: ARG001  kept under it
    _leaks: Leaks,
) -> Selection:
    store = services.app().store
    return select(store, name, books, limit=limit, seed=seed, leave_out=kinds, leaks=_leaks)


def leak_sentence(told: Mapping[str, Any]) -> str:
    """How many problems a run left out or kept as leaks."""
    leaks = told.get("leaks") or {}
    kept = sum(leaks.get("kept", {}).values())
    out = told.get("left_out", 0)
    return (
        f"{out:,} left out as leaks, {kept:,} flagged and kept" if out or kept else "no leaks found"
    )
