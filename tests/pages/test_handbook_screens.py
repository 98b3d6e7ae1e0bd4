"""Review, Duplicates, Handbook, Behavior, History: empty, full, hostile, badly addressed."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.handbook import curation, merging, shelf, versions
from core.handbook.curation import Draft
from core.store import Store
from core.store import behaviors as rows
from core.store import handbooks as handbook_rows
from core.store.records import Behavior, Handbook
from tests.live import desk

OF_A_HANDBOOK = ("build/review", "build/duplicates", "explore/handbook", "explore/history")
SCREENS = (*OF_A_HANDBOOK, "explore/behavior")
HOSTILE = (
    "<script>alert(1)</script> ![x](http://example.com/x.png) [a](javascript:alert(1)) "
    ":red[x] :material/bolt: $5 and $6 `code` **b** ~~s~~ | 数学 𝔘 \u202e ا " + "long" * 60
)
VIEWS = {
    "explore/history": ("log", "versions", "compare"),
    "explore/handbook": ("cards", "table", "summary"),
}


def shown(at: AppTest) -> str:
    parts = [*at.header, *at.subheader, *at.markdown, *at.caption, *at.error, *at.info, *at.warning]
    return "\n".join(str(part.value) for part in parts)


def views(at: AppTest, path: str) -> Iterator[str]:
    """Goes through the views that the screen has."""
    for view in VIEWS.get(path, ()):
        at.segmented_control(key=f"{path.split('/')[1]}_view").set_value(view).run()
        yield view


@pytest.mark.parametrize("path", SCREENS)
def test_without_any_handbook_it_says_so(screen, store: Store, path: str) -> None:
    at = screen(path)  # it brings the starters
    with store.write() as session:
        for book in handbook_rows.handbooks(session=session):
            session.delete(session.get(handbook_rows.HandbookRow, book.id))
    at.run()
    assert not at.exception
    assert "There is no handbook yet" in shown(at)


@pytest.mark.parametrize("path", SCREENS)
def test_an_empty_handbook_is_no_trouble(screen, store: Store, path: str) -> None:
    shelf.create(store, "blank", by="tester")
    at = screen(path, handbook="blank")
    assert not at.exception
    assert at.selectbox(key="handbook").value == "blank"


@pytest.mark.parametrize("path", SCREENS)
def test_where_nobody_chose_the_fullest_stands(screen, store: Store, path: str) -> None:
    screen("work/models")  # it brings the starters, of which math-basics is the fullest
    desk.seeded(store, "desk")  # has proposals, and fewer accepted behaviors
    at = screen(path)
    expected = "desk" if path == "build/review" else "math-basics"
    assert at.selectbox(key="handbook").value == expected


@pytest.mark.parametrize("path", OF_A_HANDBOOK)
def test_a_full_handbook_is_shown(screen, store: Store, path: str) -> None:
    book = desk.seeded(store, "desk")
    merge_two(store, book)
    versions.name_version(store, "desk", "first", by="tester")
    at = screen(path, handbook="desk")
    assert not at.exception
    for view in views(at, path):
        assert not at.exception, view


def merge_two(store: Store, book: Handbook) -> Behavior:
    first, second, *_ = desk.waiting(store, book)
    seen = {first.id: first.version, second.id: second.version}
    return merging.merge(store, seen, into=first.id, text={}, by="tester")


@pytest.fixture
def hostile(store: Store) -> Handbook:
    """Hostile texts in every field that takes them."""
    title = HOSTILE[:100]
    book = shelf.create(store, "hostile", title, by=HOSTILE[:60])
    head = {"description": HOSTILE, "licence": HOSTILE, "authors": [HOSTILE, HOSTILE]}
    shelf.describe(store, "hostile", head, by=HOSTILE[:60])
    texts = {"topic": HOSTILE, "avoid_when": HOSTILE, "tags": (HOSTILE, ":blue[tag]")}
    for number in range(2):
        name = f"behavior_{number}_" + "x" * 50
        draft = Draft(name, HOSTILE, **texts)
        curation.write(store, book.id, draft, by=HOSTILE[:60])
    marks = (("leak", HOSTILE), ("near-copy", HOSTILE))
    waiting = Draft("behavior_waits", HOSTILE, **texts, marks=marks, source_model=HOSTILE)
    with store.write() as session:
        curation.propose(book.id, [waiting], by=HOSTILE, why=HOSTILE, session=session)
    (found,) = desk.waiting(store, book)
    curation.edit(store, found.id, {"topic": "$$"}, version=1, by=HOSTILE, why=HOSTILE)
    versions.name_version(store, "hostile", HOSTILE[:60], by=HOSTILE, why=HOSTILE[:150])
    return book


@pytest.mark.parametrize("path", SCREENS)
def test_hostile_texts_stay_texts(screen, store: Store, hostile: Handbook, path: str) -> None:
    (waiting,) = desk.waiting(store, hostile)
    about = {"b": str(waiting.id)} if path == "explore/behavior" else {}
    at = screen(path, handbook="hostile", **about)
    assert not at.exception
    harmless(at)
    for view in views(at, path):
        assert not at.exception, view
        harmless(at)


def harmless(at: AppTest) -> None:
    """No image is loaded, no colour or icon of the text's own is drawn."""
    text = shown(at)
    assert "![" not in text.replace("\\!", "")
    assert not [line for line in text.splitlines() if ":red[x]" in line.replace("\\:red", "")]
    assert not any(getattr(part.proto, "allow_html", False) for part in at.markdown)


@pytest.mark.parametrize(
    ("path", "query", "told"),
    [
        ("explore/behavior", {"b": "999999"}, "There is no behavior number 999999"),
        ("explore/behavior", {"b": "abc"}, ""),
        ("explore/behavior", {"b": "-1"}, ""),
        ("explore/behavior", {"b": "9" * 40}, ""),
        *((path, {"handbook": "nope"}, "") for path in OF_A_HANDBOOK),
        ("build/review", {"review_status": "nope", "review_topic": "nope"}, ""),
        ("build/review", {"review_age": "nope", "review_order": "nope", "review_like": "0"}, ""),
        ("build/review", {"review_model": "", "review_mark": "<b>", "review_words": "$%_'"}, ""),
        ("explore/handbook", {"handbook_topic": "nope", "handbook_words": "'--"}, ""),
        ("explore/history", {"history_view": "nope", "history_by": "x", "history_kind": "y"}, ""),
    ],
)
def test_a_bad_address_is_no_exception(screen, path: str, query: dict, told: str) -> None:
    at = screen(path, **query)
    assert not at.exception
    assert told in shown(at)


@pytest.mark.parametrize("path", OF_A_HANDBOOK)
def test_what_another_program_changes_meanwhile_is_shown(screen, store: Store, path: str) -> None:
    book = desk.seeded(store, "desk")
    at = screen(path, handbook="desk")
    assert not at.exception
    for behavior in desk.waiting(store, book):
        curation.reject(store, behavior.id, version=behavior.version, by="a program")
    shelf.describe(store, "desk", {"slug": "bureau"}, by="a program")
    at.run()
    assert not at.exception
    assert "desk" not in at.selectbox(key="handbook").options


def test_a_decision_is_taken_on_what_was_seen(screen, store: Store) -> None:
    book = desk.seeded(store, "desk")
    first, second, *_ = desk.waiting(store, book)
    at = screen("build/review", handbook="desk")
    curation.reject(store, first.id, version=1, by="Ada")
    at.button(key="review_key_A").click().run()
    assert not at.exception
    assert "was changed by Ada" in shown(at)
    assert second.name in shown(at)
    with store.read() as session:
        statuses = [rows.behavior(b.id, session=session).status for b in (first, second)]
    assert statuses == ["rejected", "proposed"]
