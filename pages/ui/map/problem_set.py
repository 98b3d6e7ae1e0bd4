"""A problem set on the map: what each problem would retrieve, and the gaps that shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.evaluation import sets
from core.figures.map import hover
from core.map import problems as on_map
from core.map.problems import Served
from core.map.projection import Matrix
from core.retrieval.query import K
from core.retrieval.vectors import embedded_text
from core.store import problem_sets
from core.store.records import Handbook, Problem
from pages.ui import services, similar
from pages.ui.jobs import watch
from pages.ui.map.points import Points
from pages.ui.map.sending import draw_send
from pages.ui.markdown import escaped
from pages.ui.state import curator

FAR = 0.3  # problems less similar to any behavior stand out, until a person moves the slider


@dataclass(frozen=True)
class OnMap:
    """A set's problems that have vectors, what they retrieve, and from where on one is far."""

    problems: list[Problem]
    matrix: Matrix
    served: Served
    far_below: float

    def frame(self, points: Points) -> pd.DataFrame:
        places = _places(self.matrix, points)
        nearest = self.served.nearest
        return pd.DataFrame(
            {
                "x": places[:, 0],
                "y": places[:, 1],
                "z": places[:, 2],
                "hover": [_hover(p, n) for p, n in zip(self.problems, nearest, strict=True)],
                "kind": np.where(nearest < self.far_below, "problems far from any", "problems"),
            }
        )


def draw_problem_set(book: Handbook, points: Points, name: str) -> OnMap | None:
    """Its gaps; None while not a single problem has a vector. They are computed by themselves."""
    app = services.app()
    st.subheader(f"Problems of {escaped(name)}", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        far_below = _slider("Far means less similar than", 0.0, 1.0, FAR, 0.01, "map_far")
        k = _slider("K, behaviors a problem", 1, 100, K, 1, "map_k")
    with app.store.read() as session:
        found = problem_sets.problem_set(name, session=session)
    problems = _problems(found.digest, name)
    vectors, _indexes = app.sources.needed()
    matrix, known = vectors.known([problem.text for problem in problems])
    if waiting := int((~known).sum()):
        st.caption(f"{waiting:,} of {len(problems):,} problems wait for their vector.")
        if job := app.embed_problems(by=curator()):
            watch(job)
    if not known.any():
        return None
    there = [problem for problem, has in zip(problems, known, strict=True) if has]
    stamp = f"{similar.stamp(book.id)} {found.digest} {known.sum()}"
    served = _served(stamp, name, found.digest, k, app.unrelated, book.id)
    on_screen = OnMap(there, matrix[known], served, far_below)
    _draw_gaps(book, on_screen, points)
    return on_screen


def _slider(label: str, low: Any, high: Any, usual: Any, step: Any, key: str) -> Any:
    return st.slider(label, low, high, usual, step, key=key, bind="query-params", width=300)


def _draw_gaps(book: Handbook, found: OnMap, points: Points) -> None:
    """Problems that are far from any behavior, and behaviors that no problem retrieves."""
    far = found.served.far(found.far_below)
    accepted = points.frame[(points.frame["status"] == "accepted") & (points.frame["half"] == 1)]
    never = set(found.served.never(accepted["id"].tolist()))
    left, right = st.columns(2, gap="medium")
    with left:
        total = len(found.problems)
        st.markdown(f"**{len(far):,} of {total:,} problems are far from every behavior**")
        _draw_far(found, far)
    with right:
        st.markdown(
            f"**{len(never):,} of {len(accepted):,} accepted behaviors are retrieved by none**"
        )
        _draw_never(book, accepted[accepted["id"].isin(never)])


def _draw_far(found: OnMap, far: Sequence[int]) -> None:
    if not far:
        st.caption("None.")
        return
    table = pd.DataFrame(
        {
            "Similarity": [found.served.nearest[at] for at in far],
            "Problem": [found.problems[at].text for at in far],
            "Topic": [found.problems[at].topic for at in far],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=300,
        column_config={"Similarity": st.column_config.NumberColumn(format="%.2f", width=90)},
        alt="Problems that are far from every behavior, the farthest first",
    )
    chosen = [found.problems[at] for at in far]
    st.download_button(
        "Download them, to solve",
        data=lambda: _as_jsonl(chosen),
        file_name="gaps.jsonl",
        icon=":material/download:",
        on_click="ignore",
        key="map_gaps_download",
    )


def _draw_never(book: Handbook, never: pd.DataFrame) -> None:
    if not len(never):
        st.caption("None.")
        return
    st.dataframe(
        never[["name", "topic", "instruction"]].rename(columns=str.capitalize),
        hide_index=True,
        height=300,
        alt="Accepted behaviors that no problem of the set retrieves",
    )
    draw_send(book, never["id"].tolist(), "map_never_review", statuses=("accepted",))


@st.cache_resource(max_entries=4, show_spinner=False)
def _problems(digest: str, name: str) -> list[Problem]:  # noqa: ARG001  the cache's key
    return sets.problems_of(services.app().store, name)


@st.cache_resource(max_entries=8, show_spinner="Looking up what each problem retrieves …")
def _served(
    stamp: str,  # noqa: ARG001  part of the cache's key
    name: str,
    digest: str,
    k: int,
    at_least: float,
    handbook_id: int,
) -> Served:
    app = services.app()
    vectors, _indexes = app.sources.needed()
    matrix, mask = vectors.known([problem.text for problem in _problems(digest, name)])
    return on_map.served(app.sources, handbook_id, matrix[mask], k, at_least)


def _places(matrix: Matrix, points: Points) -> np.ndarray:
    """Among the behaviors that are drawn."""
    frame = points.frame
    vectors, _indexes = services.app().sources.needed()
    texts = [embedded_text(*pair) for pair in zip(frame["name"], frame["instruction"], strict=True)]
    rows, _known = vectors.known(texts)
    return on_map.stands(matrix, rows, frame[["x", "y", "z"]].to_numpy())


def _hover(problem: Problem, nearest: float) -> str:
    text = " ".join(problem.text.split())
    short = text if len(text) <= 300 else text[:300] + " …"
    return hover("A problem", short, problem.topic, f"nearest behavior: {nearest:.2f}")


def _as_jsonl(problems: Sequence[Problem]) -> str:
    frame = pd.DataFrame(
        {
            "problem": [problem.text for problem in problems],
            "answer": [problem.gold for problem in problems],
            "topic": [problem.topic for problem in problems],
        }
    )
    text: str = frame.to_json(orient="records", lines=True, force_ascii=False)
    return text
