"""Map: a handbook as a whole, where what is drawn around can be decided on."""

from functools import partial

import streamlit as st

from core.errors import ModelUnavailable
from pages.ui import services
from pages.ui.drawers import draw_planned_drawer
from pages.ui.handbook_choice import choose_handbook
from pages.ui.map.clusters import draw_differences, draw_overview
from pages.ui.map.drawing import as_text, draw_map, figure_of, lit_ids, text_of
from pages.ui.map.layout import draw_layout_state
from pages.ui.map.own_problem import draw_own_problem
from pages.ui.map.points import points_of, selected
from pages.ui.map.problem_set import draw_problem_set
from pages.ui.map.saving import draw_saving
from pages.ui.map.selection import draw_clicked, draw_selection
from pages.ui.map.view import draw_view, drawn_around, leave_other_handbook, picked
from pages.ui.markdown import escaped
from pages.ui.review import state
from pages.ui.state import number_in_url

app = services.app()
with st.container(horizontal=True, vertical_alignment="center"):
    st.header("Map", anchor=False, width="stretch")
    book = choose_handbook().handbook
    leave_other_handbook(book)
    view = draw_view(book)
if app.vectors is None:
    raise ModelUnavailable(
        "A map needs an embedder, and none is downloaded. Fetch one on the Models screen, or with "
        "`python -m core models pull all-minilm-l6-v2`."
    )
if said := state.take_said():
    # A toast, because it outlives the reruns that a closing dialog brings.
    st.toast(escaped(said), icon=":material/check:", duration="long")
points = points_of(book, view)
if not len(points.frame):
    st.markdown("### Nothing to map yet")
    st.caption("No behavior of this status has its vector. Add some, or wait a moment.")
    draw_layout_state(book, points, view.dimensions)
    st.stop()

grid = st.grid(3, min_column_width=190, gap="medium")
map_place, side = grid.cell(column_span=2), grid.cell()
below = st.container()

lit = lit_ids(points, view)
with below:
    asked = draw_own_problem(book, points)
    problems = draw_problem_set(book, points, view.problem_set) if view.problem_set else None
make = partial(figure_of, book, points, view, lit, problems, asked)
plain = lit is None and not problems and not asked and view.lasting
outline = drawn_around() if view.dimensions == 2 else ()
ids = selected(points, outline, picked(), lit)
with map_place:
    figure = text_of(points.stamp, view, make) if plain else as_text(make())
    if ids:
        st.caption(f"{len(ids):,} picked out: what to do with them stands beside, or below.")
    if asked:
        st.caption(f"Your problem gets {len(asked.ids):,} behaviors; the list is below the map.")
    draw_map(book, figure, ids, view, lit)
    draw_saving(book, make)
with side:
    draw_layout_state(book, points, view.dimensions)
    if ids:
        draw_selection(book, points, ids)
    elif (clicked := number_in_url("b")) is not None:
        draw_clicked(book, clicked)
    elif view.other:
        draw_differences(points, view.other)
    else:
        draw_overview(book, points, view.dimensions)
draw_planned_drawer()
