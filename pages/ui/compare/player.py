"""The player on a screen: the same script and style that an exported page carries inside.

Live screens call this again and again with what has arrived by then. The player updates in place:
what a person scrolled to, unfolded or chose stays.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.evaluation.comparison import player
from core.evaluation.comparison.board import board

MOUNTED = st.components.v2.component(
    "vademecum_player",
    html='<div class="vm-player"></div>',
    css=player.STYLE,
    js=player.SCRIPT,
    isolate_styles=False,
)


def draw_player(
    document: Mapping[str, Any],
    *,
    key: str,
    hide: Sequence[str] = (),
    on_stop: Callable[[], None] | None = None,
    height: int | None = None,
) -> None:
    """`document` is a comparison, finished or not; with `hide` only these arms, as A and B.

    With `on_stop` arms that have not ended can be stopped; it asks `stopped_arm` which. A reply
    scrolls within `height` pixels.
    """
    triggers = {"on_stopped_change": on_stop} if on_stop else {}
    unfolded = _told(key).get("unfolded")
    MOUNTED(
        key=key,
        data={
            "board": board(document, hide=hide, unfolded=unfolded or ()),
            "stoppable": on_stop is not None,
            "reading": height,
        },
        **triggers,
    )


def stopped_arm(key: str) -> str | None:
    """The arm a person wants stopped. For `on_stop`."""
    stopped = _told(key).get("stopped")
    return str(stopped["arm"]) if stopped else None


def shown_sample(key: str) -> int:
    """The sample that the player of a finished comparison shows, from 0."""
    return int(_told(key).get("sample") or 0)


def _told(key: str) -> Mapping[str, Any]:
    """What the player in the browser has told, if it was there before."""
    return st.session_state.get(key) or {}
