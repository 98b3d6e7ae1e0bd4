"""What is like a behavior: by meaning where vectors are at hand, else by words."""

import streamlit as st

from core.handbook.likeness import (
    Known,
    Neighbour,
    Text,
    meaning_text,
    nearest,
    nearest_of_many,
)
from core.store import behaviors as rows
from core.store import filters
from core.store import handbooks as handbook_rows
from core.store.records import Behavior
from pages.ui import services


def known_vectors() -> Known | None:
    vectors = services.app().vectors
    return vectors.known if vectors else None


def neighbours(behavior: Behavior, limit: int = 3) -> list[Neighbour]:
    """The accepted behaviors of its handbook that are most like it."""
    return neighbours_of(behavior, behavior.name, behavior.instruction, limit)


def neighbours_of(behavior: Behavior, name: str, instruction: str, limit: int) -> list[Neighbour]:
    """The same for another wording of it."""
    others = [other for other in texts(behavior.handbook_id) if other[0] != behavior.id]
    found = nearest(name, instruction, others, known_vectors(), limit)
    if found and found[0].by == "words" and services.app().embedder_name():
        _make_vectors(behavior.handbook_id)
    return found


@st.cache_data(ttl=60, max_entries=32, show_spinner=False)
def _make_vectors(handbook_id: int) -> None:
    """In the background, so that the next look is by meaning; asked for once a minute at most."""
    app = services.app()
    with app.store.read() as session:
        slug = handbook_rows.handbook(handbook_id, session=session).slug
    app.embed(slug, by="vademecum")


@st.cache_data(max_entries=8, show_spinner="Comparing all of them …")
def likeness_of_waiting(
    stamp: str,  # noqa: ARG001  part of the cache's key
    handbook_id: int,
    statuses: tuple[str, ...],
) -> dict[int, float]:
    """Id -> similarity with the nearest accepted behavior, for sorting and filtering."""
    found = nearest_of_many(texts(handbook_id, statuses), texts(handbook_id), known_vectors())
    return {number: neighbour.similarity for number, neighbour in found.items()}


def stamp_with_vectors(handbook_id: int) -> str:
    """Changes with the handbook, and when vectors of it come to be."""
    vectors = services.app().vectors
    if vectors is None:
        return f"{stamp(handbook_id)} by words"
    now = stamp(handbook_id)
    return f"{now} {vectors.embedder.name} {len(vectors.missing(_meanings(now)))}"


def stamp(handbook_id: int) -> str:
    """Changes with the handbook."""
    with services.app().store.read() as session:
        return filters.stamp(handbook_id, session=session)


def texts(handbook_id: int, statuses: tuple[str, ...] = ("accepted",)) -> list[Text]:
    """Id, name and instruction of a handbook's behaviors, read once for each state of it.

    Whoever asks gets the same list; it is not to be changed.
    """
    return _texts(stamp(handbook_id), statuses)


@st.cache_resource(max_entries=8, show_spinner=False)
def _texts(stamp: str, statuses: tuple[str, ...]) -> list[Text]:
    handbook_id = int(stamp.split("@")[0])
    with services.app().store.read() as session:
        return rows.instructions(handbook_id, statuses=statuses, session=session)


@st.cache_resource(max_entries=4, show_spinner=False)
def _meanings(stamp: str) -> list[str]:
    """The texts that are to have vectors."""
    found = _texts(stamp, ("proposed", "accepted", "rejected"))
    return [meaning_text(name, text) for _, name, text in found]


def by_meaning(
    words: str, texts: list[Text], limit: int, at_least: float = -1.0
) -> tuple[int, ...] | None:
    """The ids of the texts nearest to the words, best first; None without vectors of them.

    Where vectors are missing they are made in the background.
    """
    vectors = services.app().vectors
    if vectors is None:
        return None
    matrix, known = vectors.known([meaning_text(name, text) for _, name, text in texts])
    if not known.any():
        return None
    scores = matrix @ vectors.of([words])[0]
    best = scores.argsort()[::-1][:limit]
    return tuple(texts[place][0] for place in best if known[place] and scores[place] >= at_least)
