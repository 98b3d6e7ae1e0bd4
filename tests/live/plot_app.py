"""A screen with nothing but a plot, for test_plot.py."""

import numpy as np
import pandas  # noqa: F401 (or plotly finds the half that another session has imported)
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from pages.ui.map.plot import clicked, draw_plot, drawn_area

KEY = "plot"
# Points on a grid of five by five, numbered row by row from 100.
GRID = [(float(x), float(y)) for y in range(5) for x in range(5)]
IDS = np.arange(100, 125)


def inside(point: tuple[float, float], outline: list[tuple[float, float]]) -> bool:
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(outline, outline[1:] + outline[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd


def take_area() -> None:
    outline = drawn_area(KEY)
    if outline:
        st.query_params["area"] = ";".join(f"{x},{y}" for x, y in outline)
    else:
        st.query_params.pop("area", None)


def take_click() -> None:
    st.session_state["click"] = clicked(KEY)


def points(kind: str, color: str) -> list[go.Scatter | go.Scattergl | go.Scatter3d]:
    xs, ys = np.array(GRID).T
    common = {"x": xs, "y": ys, "customdata": IDS, "mode": "markers", "name": "points"}
    marker = {"color": color, "size": 12}
    if kind == "3d":
        return [go.Scatter3d(**common, z=xs + ys, marker=marker)]
    line = go.Scatter(
        x=[0, 4], y=[0, 4], mode="lines", name="line", line={"color": "gray"}, hoverinfo="skip"
    )
    return [line, go.Scattergl(**common, marker=marker)]


def figure(kind: str, color: str) -> go.Figure:
    if kind == "two":
        both = make_subplots(rows=1, cols=2, shared_xaxes="all", shared_yaxes="all")
        for column in (1, 2):
            both.add_traces(points(kind, color), rows=1, cols=column)
        return both
    drawn = go.Figure(points(kind, color))
    if kind == "2d":
        drawn.update_layout(xaxis_range=[-1, 5], yaxis_range=[-1, 5], margin_t=40)
    return drawn


st.header("A plot")
with st.container(horizontal=True):
    if st.button("Recolor", key="recolor"):
        st.session_state["color"] = "tomato"
    if st.button("Address", key="address"):
        st.query_params["other"] = str(int(st.query_params.get("other", 0)) + 1)
    kind = st.segmented_control(
        "Kind", ["2d", "auto", "two", "3d"], default="2d", key="kind", bind="query-params"
    )
    st.text_input("Bound", key="bound", bind="query-params")

written = st.query_params.get("area")
area = [tuple(map(float, one.split(","))) for one in written.split(";")] if written else None
selected = [int(IDS[at]) for at, point in enumerate(GRID) if area and inside(point, area)]

draw_plot(
    figure(kind or "2d", st.session_state.get("color", "steelblue")).to_json(),
    selected=selected,
    area=area,
    key=KEY,
    height=500,
    alt="Points on a grid",
    on_area=take_area,
    on_click=take_click,
)
click = st.session_state.get("click")
st.text(f"selected: {selected}")
st.text(f"corners: {len(area) if area else 0}")
st.text(f"click: {click.id} {click.shift}" if click else "click: none")
st.text(f"color: {st.session_state.get('color', 'steelblue')}")
