"""Differences of two states, and the report on them, in which nothing is rendered by accident."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.handbook import curation, diff, files, merging, shelf, versions
from core.handbook.curation import Draft
from core.handbook.versions import State
from core.store import Store
from core.store.records import Behavior
from tests.core.handbook import strategies

HEAD = {"title": "A", "description": "", "language": "en", "licence": "", "authors": [], "made": ""}


def _state(*behaviors: Behavior, handbook: int | None = None, **head: Any) -> State:
    numbered = {number: replace(one, id=number) for number, one in enumerate(behaviors, start=1)}
    return State(handbook, "some", 0, {**HEAD, "extra": {}, **head}, numbered)


def _behavior(name: str, instruction: str, **fields: Any) -> Behavior:
    known = {"name": f"behavior_{name}", "instruction": instruction, "topic": "Sums"}
    return strategies.as_record({**known, **fields})


def _names(found: list[Any]) -> list[Any]:
    return [
        tuple(one.name.removeprefix("behavior_") for one in entry)
        if isinstance(entry, tuple)
        else entry.name.removeprefix("behavior_")
        for entry in found
    ]


states = st.builds(lambda found: _state(*found), strategies.behavior_lists)


@given(states, states)
def test_every_accepted_behavior_is_accounted_for(old: State, new: State) -> None:
    found = diff.difference(old, new)
    kept = len(old.behaviors) - len(found.removed)
    assert kept == len(new.behaviors) - len(found.added)
    assert found.merged == []
    back = diff.difference(new, old)
    assert (len(back.added), len(back.removed)) == (len(found.removed), len(found.added))
    for pairs, names in ((found.reworded, diff.WORDING), (found.retopiced, diff.PLACE)):
        for before, after in pairs:
            assert any(getattr(before, name) != getattr(after, name) for name in names)
    for one in (found.added, found.removed):
        assert one == sorted(one, key=lambda behavior: (behavior.topic, behavior.name))
    for pairs in (found.reworded, found.retopiced):
        assert pairs == sorted(pairs, key=lambda pair: (pair[1].topic, pair[1].name))
    assert json.loads(json.dumps(diff.as_json(found)))["counts"] == found.counts


@given(states)
def test_nothing_differs_from_itself(state: State) -> None:
    found = diff.difference(state, state)
    assert found.empty
    assert "Nothing differs." in diff.markdown(found, "one", "two")


def test_one_handbook_is_compared_by_id(store: Store, tmp_path: Path) -> None:
    book = shelf.create(store, "book", by="ann")
    made = {
        name: curation.write(
            store, book.id, Draft(f"behavior_{name}", f"Do {name}.", "Sums"), by="ann"
        )
        for name in ("a", "b", "c", "d", "e", "f", "g")
    }
    old = versions.state(store, "book")

    def edit(which: str, **changes: Any) -> None:
        curation.edit(store, made[which].id, changes, version=1, by="ann")

    edit("a", name="behavior_z", topic="Areas")
    edit("b", avoid_when="Never.")
    edit("c", tags=["new"])
    curation.reject(store, made["d"].id, version=1, by="ann")
    seen = {made[name].id: 1 for name in ("e", "f")}
    merging.merge(store, seen, into=made["f"].id, text={}, by="ann")
    merged_twice = {made["f"].id: 2, made["g"].id: 1}
    merging.merge(store, merged_twice, into=made["g"].id, text={}, by="ann")
    curation.write(store, book.id, Draft("behavior_d", "Do d anew.", "Sums"), by="ann")
    shelf.describe(store, "book", {"licence": "MIT"}, by="ann")
    found = diff.difference(old, versions.state(store, "book"))
    assert _names(found.added) == ["d"]
    assert _names(found.removed) == ["d"]
    assert _names(found.reworded) == [("a", "z"), ("b", "b")]
    assert _names(found.retopiced) == [("a", "z"), ("c", "c")]
    assert _names(found.merged) == [("e", "g"), ("f", "g")]
    assert found.head == {"licence": ("", "MIT")}
    assert found.counts == {
        "added": 1,
        "removed": 1,
        "reworded": 2,
        "retopiced": 2,
        "merged": 2,
    }
    document = diff.as_json(found)
    assert document["merged"][0]["into"]["name"] == "behavior_g"
    assert document["head"] == {"licence": {"old": "", "new": "MIT"}}


def test_what_went_into_something_that_is_gone_is_gone(store: Store) -> None:
    book = shelf.create(store, "book", by="ann")
    a, b = (
        curation.write(store, book.id, Draft(f"behavior_{name}", "Do."), by="ann") for name in "ab"
    )
    old = versions.state(store, "book")
    merging.merge(store, {a.id: 1, b.id: 1}, into=b.id, text={}, by="ann")
    curation.reject(store, b.id, version=2, by="ann")
    found = diff.difference(old, versions.state(store, "book"))
    assert (_names(found.removed), found.merged) == (["a", "b"], [])


def test_two_handbooks_are_compared_by_name_then_by_text() -> None:
    old = _state(
        _behavior("same", "Do it."),
        _behavior("old_name", "When lost, HALVE it!"),
        _behavior("reworded", "Do this."),
        _behavior("sum", "∑"),
        _behavior("gone", "Nobody does."),
    )
    new = _state(
        _behavior("reworded", "Do that."),
        _behavior("new_name", "When lost halve it"),
        _behavior("product", "∏"),
        _behavior("same", "Do it."),
    )
    found = diff.difference(old, new)
    assert _names(found.reworded) == [("old_name", "new_name"), ("reworded", "reworded")]
    assert (_names(found.added), _names(found.removed)) == (["product"], ["gone", "sum"])


def test_a_file_is_compared_as_well(store: Store, tmp_path: Path) -> None:
    book = shelf.create(store, "book", "My book", by="ann")
    for name in "ab":
        curation.write(store, book.id, Draft(f"behavior_{name}", f"Do {name}."), by="ann")
    shelf.export(store, "book", tmp_path / "book")
    present = versions.state(store, "book")
    assert diff.difference(present, diff.state_of_file(tmp_path / "book")).empty
    rows = tmp_path / "book" / files.ROWS_FILE
    rows.write_text(rows.read_text().replace("Do a.", "Do a now."))
    found = diff.difference(present, diff.state_of_file(tmp_path / "book"))
    assert (_names(found.reworded), found.counts["added"]) == ([("a", "a")], 0)


def test_the_report_for_people() -> None:
    old = _state(
        _behavior("a", "When a circle is given, halve.", tags=["x"]),
        _behavior("gone", "Go home."),
    )
    new = _state(
        _behavior("a", "When a square is given, halve!", topic="Areas", avoid_when="Never."),
        _behavior("b", "Do b.", avoid_when="Late.", tags=["x", "y"]),
        title="B",
        authors=["Ann", "Bob"],
    )
    assert diff.markdown(diff.difference(old, new), "book@v1", "book") == (
        "# From book@v1 to book\n\n"
        "1 added, 1 removed, 1 reworded, 1 retopiced.\n\n"
        "## The handbook itself\n\n"
        "- Title: ~~A~~ **B**\n"
        "- Authors: **Ann, Bob**\n\n"
        "## Added\n\n"
        "- **behavior_b** (Sums): Do b.\n"
        "  - Avoid when: Late.\n"
        "  - Tags: x, y\n\n"
        "## Removed\n\n"
        "- **behavior_gone** (Sums): Go home.\n\n"
        "## Reworded\n\n"
        "- **behavior_a** (Areas)\n"
        "  - Instruction: When a ~~circle~~ **square** is given, ~~halve.~~ **halve!**\n"
        "  - Avoid when: **Never.**\n\n"
        "## Retopiced\n\n"
        "- **behavior_a** (Areas)\n"
        "  - Topic: ~~Sums~~ **Areas**\n"
        "  - Tags: ~~x~~\n"
    )


MEANT = {
    *("heading", "paragraph", "bullet_list", "list_item", "strong", "s", "text", "inline"),
}
hostile = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "![x](http://e.com/x.png)",
        "[a](javascript:b)",
        "`code` and ``` fence",
        "**bold** *it* __b__ _i_ ~~gone~~",
        "$x^2$ costs $5",
        "1. one",
        "- item",
        "# head",
        "| a | b |",
        "&lt;b&gt; &amp; \\",
        "http://example.com www.example.com <me@example.com>",
        ":smile: :red[x] :material/star:",
        "a)b(c ~~ ** ~",
        "ends with \\",
    ]
)
texts = hostile | strategies.lines


@given(texts, texts, texts, texts)
def test_no_mark_of_a_text_means_anything(old: str, new: str, topic: str, title: str) -> None:
    before = _state(_behavior("a", old, topic=old, tags=[title]), _behavior("c", new, topic=topic))
    after = _state(
        _behavior("a", new, topic=topic, avoid_when=title),
        _behavior("b", old, topic=new, tags=[old]),
        title=title,
    )
    report = diff.markdown(diff.difference(before, after), title, topic)
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(report)
    every = [*tokens, *(child for token in tokens for child in token.children or [])]
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in every}
    assert kinds <= MEANT


@given(texts, texts)
def test_both_wordings_can_be_read_from_the_report(old: str, new: str) -> None:
    report = diff.markdown(
        diff.difference(_state(_behavior("a", old)), _state(_behavior("a", new))), "one", "two"
    )
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(report)
    line = next(
        (t for t in tokens if t.type == "inline" and t.content.startswith("Instruction")), None
    )
    if line is None:
        assert old == new
        return
    read: dict[str, list[str]] = {"old": [], "new": []}
    inside = ""
    for child in line.children or []:
        if child.type in ("strong_open", "s_open"):
            inside = child.type
        elif child.type.endswith("_close"):
            inside = ""
        if inside != "strong_open":
            read["old"].append(child.content)
        if inside != "s_open":
            read["new"].append(child.content)
    seen = {which: "".join("".join(parts).split()) for which, parts in read.items()}
    if "invisible characters differ" not in line.content:
        assert seen["old"] == "Instruction:" + "".join(diff._one_line(old).split())
        assert seen["new"] == "Instruction:" + "".join(diff._one_line(new).split())
