"""Two states side by side: of one handbook at two times, or of two handbooks."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.handbook import diff, shelf, versions
from core.handbook.diff import Difference, Pair
from core.handbook.versions import State
from core.store.records import Behavior, Handbook
from pages.ui import services, similar
from pages.ui.diffs import diff_markdown
from pages.ui.errors import shown_errors
from pages.ui.history.log import as_text
from pages.ui.history.versions import slugs
from pages.ui.markdown import escaped

Item = TypeVar("Item")
NOW, BEGINNING = "now", "the beginning"
SHOWN = 60


def draw_compare(handbook: Handbook) -> None:
    store = services.app().store
    named = [version.name for version in versions.versions(store, handbook.slug)]
    left, right = st.columns(2, gap="medium")
    with left:
        old = _draw_state("Before", handbook.slug, [*named, BEGINNING], "compare_old")
    with right:
        new = _draw_state("After", handbook.slug, [NOW, *named], "compare_new")
    if old is None or new is None:
        return
    found = diff.difference(old[1], new[1])
    facts = ", ".join(f"{number:,} {name}" for name, number in found.counts.items())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{facts}**", width="stretch")
        st.download_button(
            "Markdown report",
            data=lambda: diff.markdown(found, old[0], new[0]),
            file_name="difference.md",
            icon=":material/download:",
            key="compare_report",
            on_click="ignore",
        )
    if found.empty:
        st.caption("The two are the same.")
    _draw_difference(found)


def _draw_state(label: str, slug: str, options: list[str], key: str) -> tuple[str, State] | None:
    """A version, a step number typed in, or another handbook as it is now."""
    others = [f"handbook {other}" for other in slugs() if other != slug]
    chosen = st.selectbox(
        label,
        [*options, *others],
        key=key,
        accept_new_options=True,
        help="A named version, a step number typed in, or another handbook.",
    )
    store = services.app().store
    with shown_errors():
        if chosen in (None, NOW):
            return f"{slug}, now", _state(slug)
        if chosen == BEGINNING:
            return f"{slug}, at the beginning", _state(slug, 0)
        if chosen in others:
            other = chosen.removeprefix("handbook ")
            return other, _state(other)
        return f"{slug}, {chosen}", _state(slug, versions.step_of(store, slug, chosen))
    return None


def _state(slug: str, at: int | None = None) -> State:
    return _read_state(similar.stamp(shelf.find(services.app().store, slug).id), slug, at)


@st.cache_resource(max_entries=4, show_spinner=False)
def _read_state(stamp: str, slug: str, at: int | None) -> State:  # noqa: ARG001  the cache's key
    return versions.state(services.app().store, slug, at)


def _draw_difference(found: Difference) -> None:
    for name, (old, new) in found.head.items():
        st.markdown(f"{escaped(name)}: {diff_markdown(as_text(old), as_text(new))}")
    _draw_group("Added", found.added, _draw_one)
    _draw_group("Removed", found.removed, _draw_one)
    _draw_group("Reworded", found.reworded, _draw_reworded)
    _draw_group("Retopiced", found.retopiced, _draw_retopiced)
    _draw_group("Merged", found.merged, _draw_merged)


def _draw_group(title: str, items: list[Item], draw: Callable[[Item], None]) -> None:
    if not items:
        return
    st.subheader(f"{title} ({len(items):,})", anchor=False)
    for item in items[:SHOWN]:
        with st.container(border=True, gap="small"):
            draw(item)
    if len(items) > SHOWN:
        st.caption(f"and {len(items) - SHOWN:,} more; the report has them all")


def _draw_one(behavior: Behavior) -> None:
    st.markdown(f"`{behavior.name}` :gray[{escaped(behavior.topic or 'no topic')}]")
    st.caption(escaped(behavior.instruction))


def _draw_reworded(pair: Pair) -> None:
    old, new = pair
    st.markdown(f"`{new.name}`" if old.name == new.name else diff_markdown(old.name, new.name))
    if old.instruction != new.instruction:
        st.markdown(diff_markdown(old.instruction, new.instruction))
    if old.avoid_when != new.avoid_when:
        st.caption(f"avoid when: {diff_markdown(old.avoid_when or '', new.avoid_when or '')}")


def _draw_retopiced(pair: Pair) -> None:
    old, new = pair
    st.markdown(f"`{new.name}`")
    st.caption(f"topic: {diff_markdown(old.topic, new.topic)}")
    st.caption(f"tags: {diff_markdown(as_text(old.tags), as_text(new.tags))}")


def _draw_merged(pair: Pair) -> None:
    gone, into = pair
    st.markdown(f"`{gone.name}` went into `{into.name}`")
    st.markdown(diff_markdown(gone.instruction, into.instruction))
