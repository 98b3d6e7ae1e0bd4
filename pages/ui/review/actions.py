"""What the keys of the review desk do. Every action runs before the screen is drawn again.

Each gets the version the person saw: whoever comes second is told, and the desk moves on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from core.errors import VademecumError
from core.handbook import curation, undo
from core.store import history
from core.store.records import Behavior
from pages.ui import services
from pages.ui.review import state
from pages.ui.state import curator


@dataclass(frozen=True)
class Spot:
    """The behavior in focus as the person saw it, and its neighbours in the queue."""

    behavior_id: int
    version: int
    following: int | None
    previous: int | None


def accept(spot: Spot) -> None:
    with _told(spot):
        store = services.app().store
        curation.accept(store, spot.behavior_id, version=spot.version, by=curator())
        state.set_focus(spot.following)


def reject(spot: Spot, why: str = "") -> None:
    state.ask_nothing()
    with _told(spot):
        store = services.app().store
        curation.reject(store, spot.behavior_id, version=spot.version, by=curator(), why=why)
        state.set_focus(spot.following)


def reject_as_typed(spot: Spot, key: str) -> None:
    if why := st.session_state[key].strip():
        reject(spot, why)


def drop_old_question(focus: int | None) -> None:
    """What was asked about one behavior is never answered about the next one.

    It leaves the focus where somebody else was quicker; the person is told.
    """
    asked = state.asking()
    if asked and asked[1] != focus:
        state.ask_nothing()
        found = curation.look_up(services.app().store, asked[1])
        state.say(f"{found.name} is {found.status} by {found.by} now. You have decided nothing.")


def reopen(spot: Spot) -> None:
    with _told():
        store = services.app().store
        curation.reopen(store, spot.behavior_id, version=spot.version, by=curator())


def retopic(spot: Spot, topic: str) -> None:
    state.ask_nothing()
    with _told():
        store, changes = services.app().store, {"topic": topic}
        curation.edit(store, spot.behavior_id, changes, version=spot.version, by=curator())


def retopic_as_typed(spot: Spot, key: str) -> None:
    if topic := " ".join(st.session_state[key].split()):
        retopic(spot, topic)


def skip(spot: Spot) -> None:
    state.ask_nothing()
    state.skip(spot.behavior_id)
    state.set_focus(spot.following)


def move(to: int | None) -> None:
    state.ask_nothing()
    if to is not None:
        state.set_focus(to)


def undo_last(handbook_id: int) -> None:
    state.ask_nothing()
    with _told():
        step = undo.undo(services.app().store, handbook_id, by=curator())
        _go_back_to(step.handbook_id, step.number)


def redo_last(handbook_id: int) -> None:
    with _told():
        undo.redo(services.app().store, handbook_id, by=curator())


def undo_step(handbook_id: int, number: int) -> None:
    with _told():
        undo.undo_step(services.app().store, handbook_id, number, by=curator())
        _go_back_to(handbook_id, number)


def spot_of(behavior: Behavior, ids: list[int]) -> Spot:
    place = ids.index(behavior.id) if behavior.id in ids else 0
    following = ids[place + 1] if place + 1 < len(ids) else None
    previous = ids[place - 1] if place > 0 else None
    # The last of the queue decided, the desk goes on with the one before it.
    return Spot(behavior.id, behavior.version, following or previous, previous)


def _go_back_to(handbook_id: int, number: int) -> None:
    """What was just undone is looked at again, where it is one behavior, or went into another."""
    with services.app().store.read() as session:
        step = history.step(handbook_id, number, session=session)
        operations = history.operations([step.id], session=session).get(step.id, [])
    touched = list(dict.fromkeys(op.behavior_id for op in operations if op.behavior_id))
    if len(touched) == 1 or (touched and step.kind == "merge"):
        state.set_focus(touched[0])


@contextmanager
def _told(decided: Spot | None = None) -> Iterator[None]:
    """Nothing is said of a key that was pressed twice for one decision."""
    try:
        yield
    except VademecumError as error:
        if not (decided and _is_decided_by_me(decided)):
            state.say(str(error))


def _is_decided_by_me(spot: Spot) -> bool:
    found = curation.look_up(services.app().store, spot.behavior_id)
    mine = found.by == curator() and found.version == spot.version + 1
    return mine and found.status in ("accepted", "rejected")
