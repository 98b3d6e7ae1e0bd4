"""The Map screen: what it says where there is nothing, and what its address chooses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.handbook import curation, shelf, versions
from core.handbook.curation import Draft
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store, layouts
from core.store import handbooks as handbook_rows
from core.store import vectors as vector_rows
from core.store.layouts import Place
from core.store.records import Behavior, Handbook

SCREEN = "explore/map"
EMBEDDER = "all-minilm-l6-v2"
EVERY = ("accepted", "proposed", "rejected")
TOPICS = ("Algebra", "Geometry", "")
CLUSTERS = [(0, "left · half · west", ["left", "half", "west"]), (1, "Right", ["right"])]


def shown(at: AppTest) -> str:
    parts = [*at.header, *at.markdown, *at.caption, *at.error, *at.warning]
    return "\n".join(str(part.value) for part in parts)


@pytest.fixture
def embedder(home: Path) -> Path:
    """It counts as downloaded, and nothing loads it."""
    folder = home / "models" / EMBEDDER
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"")
    return folder


@pytest.fixture
def charted(store: Store, embedder: Path) -> Handbook:
    """Nine behaviors with vectors and a layout; two wait, one is rejected."""
    book = shelf.create(store, "charted", by="founder")
    for number in range(7):
        draft = Draft(f"behavior_step_{number}", f"Take step {number}.", TOPICS[number % 3])
        curation.write(store, book.id, draft, by="founder")
    with store.write() as session:
        drafts = [Draft(f"behavior_guess_{number}", f"Guess {number}.") for number in (0, 1)]
        curation.propose(book.id, drafts, by="founder", session=session)
    last = shelf.behaviors(store, book)[-1]
    curation.reject(store, last.id, version=last.version, by="founder")
    place(store, book)
    return book


def place(store: Store, book: Handbook) -> None:
    """Vectors and places for all behaviors, in a row from left to right."""
    found = sorted(shelf.behaviors(store, book, EVERY), key=lambda behavior: behavior.id)
    digests = [Vectors.digest(embedded_text(b.name, b.instruction)) for b in found]
    rows = np.eye(len(found), 384, dtype="<f4")
    places: dict[str, Place] = {
        digest: (float(at), 0.0, 0.0, int(at > 4)) for at, digest in enumerate(digests)
    }
    with store.write() as session:
        kept = {digest: row.tobytes() for digest, row in zip(digests, rows, strict=True)}
        vector_rows.put_vectors(EMBEDDER, kept, session=session)
        layouts.put_layout(
            book.id,
            EMBEDDER,
            2,
            places,
            CLUSTERS,
            method="UMAP",
            seed=3,
            by="founder",
            session=session,
        )


def drawn(at: AppTest) -> dict[str, Any]:
    """What the plot is told."""
    (plot,) = components(at)
    return plot


def components(at: AppTest) -> Iterator[dict[str, Any]]:
    for element in at.get("bidi_component"):
        told = json.loads(element.proto.json)
        yield {**told, "figure": json.loads(told["figure"])}


def names(at: AppTest) -> list[str]:
    return [trace["name"] for trace in drawn(at)["figure"]["data"] if "customdata" in trace]


def by_name(store: Store, book: Handbook) -> dict[str, Behavior]:
    return {behavior.name: behavior for behavior in shelf.behaviors(store, book, EVERY)}


# Where there is nothing


def test_without_any_handbook_it_says_so(screen, store: Store) -> None:
    at = screen(SCREEN)  # it brings the starters
    with store.write() as session:
        for book in handbook_rows.handbooks(session=session):
            session.delete(session.get(handbook_rows.HandbookRow, book.id))
    at.run()
    assert not at.exception
    assert "There is no handbook yet" in shown(at)


def test_without_an_embedder_it_says_how_to_get_one(screen) -> None:
    at = screen(SCREEN)
    assert not at.exception
    assert "A map needs an embedder" in shown(at)
    assert "Fetch one on the Models screen" in shown(at)


def test_an_empty_handbook_has_nothing_to_map(screen, store: Store, embedder: Path) -> None:
    shelf.create(store, "blank", by="tester")
    at = screen(SCREEN, handbook="blank")
    assert not at.exception
    assert "Nothing to map yet" in shown(at)


# What the address chooses


def test_the_overview_tells_how_the_map_was_made(screen, charted: Handbook) -> None:
    at = screen(SCREEN, handbook="charted")
    assert not at.exception
    assert "**8 behaviors**" in shown(at)
    assert "UMAP of 9 texts, seed 3, all-minilm-l6-v2" in shown(at)
    assert names(at) == ["no topic (4)", "Algebra (3)", "Geometry (1)"]
    labels = [note["text"] for note in drawn(at)["figure"]["layout"]["annotations"]]
    assert labels == ["left · half · west", "Right"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"map_color": "status"}, ["accepted (6)", "proposed (2)"]),
        ({"map_color": "cluster"}, ["left · half · west (4)", "Right (4)"]),
        ({"map_color": "source model"}, ["by hand or imported (8)"]),
        ({"map_color": "status", "map_status": "rejected"}, ["rejected (1)"]),
        ({"map_color": "times retrieved"}, ["times retrieved"]),
        ({"map_color": "times given", "map_size": "times cited"}, ["times given"]),
        ({"map_color": "tokens beside plain"}, ["unknown"]),
        ({"map_color": "what experiments show"}, ["none (8)"]),
        ({"map_color": "no such colour"}, ["no topic (4)", "Algebra (3)", "Geometry (1)"]),
    ],
)
def test_the_address_chooses_what_is_seen(
    screen, charted: Handbook, query: dict[str, str], wanted: list[str]
) -> None:
    at = screen(SCREEN, handbook=charted.slug, **query)
    assert not at.exception
    assert names(at) == wanted


def test_an_area_and_clicks_select(screen, store: Store, charted: Handbook) -> None:
    found = sorted(shelf.behaviors(store, charted, EVERY), key=lambda behavior: behavior.id)
    area = "-0.5,-1 1.5,-1 1.5,1 -0.5,1"
    at = screen(SCREEN, handbook="charted", area=area, picked=f"{found[7].id},0,x,{found[0].id}")
    assert not at.exception
    assert drawn(at)["selected"] == [found[number].id for number in (0, 1, 7)]
    assert drawn(at)["area"] == [[-0.5, -1], [1.5, -1], [1.5, 1], [-0.5, 1]]
    assert "**3 selected**" in shown(at)
    assert "2 accepted · 1 proposed" in shown(at)


def test_a_search_narrows_what_an_area_selects(screen, charted: Handbook) -> None:
    area = "-1,-1 9,-1 9,1 -1,1"
    at = screen(SCREEN, handbook=charted.slug, area=area, map_words="GUESS")
    assert "The search finds 2; the rest is grey." in shown(at)
    assert "**2 selected**" in shown(at)
    assert sum(len(trace["text"]) for trace in drawn(at)["figure"]["data"]) == 8


@pytest.mark.parametrize(
    "query", [{"area": "1,2 x"}, {"area": "nan,1 2,3 4,5"}, {"picked": "9" * 30}, {"map_3d": "x"}]
)
def test_an_address_nobody_can_read_selects_nothing(
    screen, charted: Handbook, query: dict[str, str]
) -> None:
    at = screen(SCREEN, handbook=charted.slug, **query)
    assert not at.exception
    assert drawn(at)["selected"] == []
    assert drawn(at)["area"] is None


def test_a_behavior_of_the_address_is_shown(screen, store: Store, charted: Handbook) -> None:
    one = shelf.behaviors(store, charted)[0]
    assert one.instruction in shown(screen(SCREEN, handbook="charted", b=str(one.id)))
    assert "This behavior is gone" in shown(screen(SCREEN, handbook="charted", b="999"))


# Two states


def change(store: Store, book: Handbook) -> None:
    """One goes, one comes, one is reworded."""
    versions.name_version(store, book.slug, "first", by="founder")
    gone, reworded, *_ = shelf.behaviors(store, book)
    new = shelf.behaviors(store, book, ("proposed",))[0]
    curation.reject(store, gone.id, version=gone.version, by="founder")
    curation.accept(store, new.id, version=new.version, by="founder")
    text = {"instruction": "Take a good look first."}
    curation.edit(store, reworded.id, text, version=reworded.version, by="founder")


@pytest.mark.parametrize(("sides", "points"), [("over each other", 8), ("side by side", 12)])
def test_a_version_is_compared(
    screen, store: Store, charted: Handbook, sides: str, points: int
) -> None:
    change(store, charted)
    place(store, charted)
    at = screen(SCREEN, handbook="charted", map_other="version first", map_sides=sides)
    assert not at.exception
    for told in ("4 same", "1 reworded", "1 only in first", "1 only here, now"):
        assert told in [part.value for part in at.markdown]
    figure = drawn(at)["figure"]
    assert sum(len(trace["text"]) for trace in figure["data"]) == points
    assert ("xaxis2" in figure["layout"]) == (sides == "side by side")


def test_only_behaviors_of_this_handbook_are_decided_on(
    screen, store: Store, charted: Handbook
) -> None:
    """Those of another one that it is compared with are seen and left alone."""
    other = shelf.create(store, "other", by="founder")
    draft = Draft("behavior_of_another", "Take step 0 twice.")
    foreign = curation.write(store, other.id, draft, by="founder")
    with store.write() as session:
        digest = Vectors.digest(embedded_text(foreign.name, foreign.instruction))
        row = np.eye(1, 384, dtype="<f4")[0].tobytes()
        vector_rows.put_vectors(EMBEDDER, {digest: row}, session=session)
    area = "-1,-1 9,-1 9,1 -1,1"
    at = screen(SCREEN, handbook="charted", map_other="handbook other", area=area)
    assert not at.exception
    assert "**6 selected, 1 of the other handbook**" in shown(at)
    at.button(key="map_act_Reject").click().run()
    at.button(key="many_do_reject").click().run()
    assert not at.exception
    assert shelf.behaviors(store, charted) == []
    assert [behavior.id for behavior in shelf.behaviors(store, other)] == [foreign.id]


# Deciding


def test_a_decision_is_asked_about_before_it_is_made(
    screen, store: Store, charted: Handbook
) -> None:
    waiting = [behavior.id for behavior in shelf.behaviors(store, charted, ("proposed",))]
    at = screen(SCREEN, handbook="charted", picked=",".join(map(str, waiting)))
    at.button(key="map_act_Accept").click().run()
    assert not at.exception
    assert len(shelf.behaviors(store, charted)) == 6
    at.button(key="many_do_accept").click().run()
    assert not at.exception
    assert len(shelf.behaviors(store, charted)) == 8
    assert "Accept\\: 2 changed" in "".join(str(part.value) for part in at.toast)
