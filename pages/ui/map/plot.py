"""A plotly figure that also tells what was drawn around, and what was clicked.

`st.plotly_chart` keeps the outline and the camera to itself and forgets the selection when the
figure changes. Here they are arguments. The camera stays in the browser: it goes into the address
as `camera`, without a rerun, and so only one plot may be on a screen.

plotly.js comes from the installed plotly package, by a URL and once per page load. Text inside a
component would travel with every rerun.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import plotly
import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

Point = tuple[float, float]

LIBRARY = ("vademecum", "plotly")
MOUNTED = st.components.v2.component(
    "vademecum_plot",
    html='<div class="map-plot" role="figure"></div>',
    css=".map-plot { width: 100%; }",
    js=Path(__file__).with_name("plot.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


class Click(NamedTuple):
    """A point, and whether Shift was held."""

    id: int
    shift: bool


def draw_plot(
    figure: str,
    *,
    selected: Sequence[int],
    area: Sequence[Point] | None,
    key: str,
    height: int,
    alt: str,
    on_area: Callable[[], None],
    on_click: Callable[[], None],
) -> None:
    """`figure` is plotly's JSON. What can be picked in it has its ids in `customdata`.

    The plot shows what it is told: `on_area` has to put what was drawn where `area` and `selected`
    come from.
    """
    MOUNTED(
        key=key,
        data={
            "figure": figure,
            "selected": list(selected),
            "area": [list(point) for point in area] if area else None,
            "height": height,
            "alt": alt,
            "library": _library_address(),
        },
        # Both are triggers. Taking back an area that came from Python would be no change of state.
        on_area_change=on_area,
        on_clicked_change=on_click,
    )


def drawn_area(key: str) -> list[Point] | None:
    """The closed outline in the figure's coordinates, or nothing any more. For `on_area`."""
    points = (_told(key, "area") or {}).get("points")
    return [(float(x), float(y)) for x, y in points] if points else None


def clicked(key: str) -> Click | None:
    """For `on_click`."""
    told = _told(key, "clicked")
    return Click(int(told["id"]), bool(told["shift"])) if told else None


def _told(key: str, what: str) -> Any:
    return (st.session_state.get(key) or {}).get(what)


def _library_address() -> str:
    """Where the server gives out plotly.js, which is not a component, as a component's file."""
    package, name = LIBRARY
    component = f"{package}.{name}"
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(component) is None:
        folder = ComponentConfig(name, asset_dir="package_data")
        manifest = ComponentManifest(package, plotly.__version__, [folder])
        manager.register_from_manifest(manifest, Path(plotly.__file__).parent)
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = f"_stcore/bidi-components/{component}/plotly.min.js?{plotly.__version__}"
    return f"/{base}/{path}" if base else f"/{path}"
