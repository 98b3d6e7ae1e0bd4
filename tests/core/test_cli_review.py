"""`review` on the command line: the queue, decisions in bulk, taking back over all handbooks."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.app import App
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.settings import Settings
from core.store.records import Behavior
from tests.core.conftest import Cli

ROW_KEYS = {
    *("id", "name", "instruction", "topic", "avoid_when", "tags", "status", "marks"),
    *("source_model", "source_correct", "version", "by", "created"),
}
Propose = Callable[..., list[int]]


@pytest.fixture
def desk(cli: Cli, settings: Settings) -> Iterator[App]:
    """A second program at work on the same database."""
    app = App.open(settings)
    for slug in ("notes", "other"):
        shelf.create(app.store, slug, by="ann")
    yield app
    app.close()


@pytest.fixture
def propose(desk: App) -> Propose:
    def some(*names: str, slug: str = "notes", **fields: Any) -> list[int]:
        drafts = [Draft(f"behavior_{name}", f"Do {name}.", **fields) for name in names]
        with desk.store.write() as session:
            handbook = shelf.find_in(slug, session)
            made = curation.propose(handbook.id, drafts, by="a-model", session=session)
        return [behavior.id for behavior in made]

    return some


def _look(desk: App, behavior_id: int) -> Behavior:
    return curation.look_up(desk.store, behavior_id)


def _statuses(desk: App, ids: list[int]) -> list[str]:
    return [_look(desk, number).status for number in ids]


# The list


def test_proposals_are_listed_oldest_first(cli: Cli, propose: Propose) -> None:
    ids = propose("b", "a", topic="Sums", tags=("x",), source_model="m", source_correct=True)
    listed = cli("review", "list", "notes", "--json")
    assert listed.code == 0
    assert [row["id"] for row in listed.document] == ids
    row = listed.document[0]
    assert row.keys() >= ROW_KEYS
    assert (row["name"], row["topic"], row["tags"]) == ("behavior_b", "Sums", ["x"])
    assert (row["source_model"], row["source_correct"], row["by"]) == ("m", True, "a-model")
    assert "behavior_a: Do a." in cli("review", "list", "notes").out


def test_the_list_is_narrowed(cli: Cli, propose: Propose) -> None:
    (plain,) = propose("plain", topic="Sums")
    (marked,) = propose("marked", topic="Areas", marks=(("leak", "holds 14"),))
    (gone,) = propose("gone")
    cli("review", "reject", gone, "--why", "wrong")

    def listed(*options: str) -> list[int]:
        return [row["id"] for row in cli("review", "list", "notes", *options, "--json").document]

    assert listed() == [plain, marked]
    assert listed("--status", "rejected") == [gone]
    assert listed("--status", "all") == [plain, marked, gone]
    assert listed("--topic", "Areas") == listed("--mark", "leak") == [marked]
    assert listed("--mark", "none") == listed("--words", "PLAIN do") == [plain]
    assert listed("--words", "nothing") == []
    assert cli("review", "list", "notes", "--words", "nothing").out == "Nothing of this kind.\n"


# Decisions


def test_many_are_accepted_as_one_step_in_each_handbook(
    cli: Cli, desk: App, propose: Propose
) -> None:
    ids = [*propose("a", "b"), *propose("a", slug="other")]
    done = cli("review", "accept", *ids, ids[0], "--why", "Good.", "--json")
    assert done.code == 0, done.err
    assert [one["id"] for one in done.document["changed"]] == ids
    assert [step["handbook"] for step in done.document["steps"]] == ["notes", "other"]
    assert _statuses(desk, ids) == ["accepted"] * 3
    (step, _) = cli("handbook", "history", "notes", "--json").document
    assert (step["kind"], step["size"], step["why"], step["by"]) == (
        *("accept", 2, "Good.", "tester"),
    )


def test_what_cannot_be_accepted_is_left_and_told(cli: Cli, desk: App, propose: Propose) -> None:
    first, twin, other, rejected = propose("a", "a", "b", "c")
    cli("review", "accept", other)
    ended = cli("review", "accept", first, twin, other, rejected, "--json")
    assert ended.code == 1
    assert [one["id"] for one in ended.document["changed"]] == [first, rejected]
    assert {one["id"]: one["why"] for one in ended.document["left"]} == {
        twin: "the name is taken",
        other: "accepted already",
    }
    lines = cli("review", "accept", twin)
    assert lines.code == 1
    assert f"behavior_a ({twin}) was left as it is: the name is taken." in lines.out


def test_an_unknown_number_stops_everything(cli: Cli, desk: App, propose: Propose) -> None:
    ids = propose("a")
    for command in (["accept"], ["reject", "--why", "no"], ["split"], ["merge", "--into", "x"]):
        ended = cli("review", *command, *ids, 9999)
        assert (ended.code, ended.out) == (2, "")
        assert "9999" in ended.err
    assert _statuses(desk, ids) == ["proposed"]


def test_a_rejection_says_why(cli: Cli, propose: Propose) -> None:
    (one,) = propose("a")
    assert cli("review", "reject", one).code == 2
    assert "rejected" in cli("review", "reject", one, "--why", "trivial").out
    (step, _) = cli("handbook", "history", "notes", "--json").document
    assert (step["kind"], step["why"]) == ("reject", "trivial")


def test_topics_and_tags_are_set_in_bulk(cli: Cli, desk: App, propose: Propose) -> None:
    ids = propose("a", "b", tags=("old",))
    assert cli("review", "retopic", *ids, "--topic", "Areas").code == 0
    assert cli("review", "tag", *ids, "--tag", "x", "--tag", "y z").code == 0
    assert [_look(desk, number).topic for number in ids] == ["Areas"] * 2
    assert [_look(desk, number).tags for number in ids] == [["old", "x", "y z"]] * 2
    again = cli("review", "retopic", *ids, "--topic", "Areas")
    assert (again.code, again.out) == (*(0, "That is how it was already. Nothing was changed.\n"),)


def test_an_edit_changes_what_it_names(cli: Cli, desk: App, propose: Propose) -> None:
    (one,) = propose("a", topic="Sums", tags=("x",))
    edited = cli(
        *("review", "edit", one, "--name", "behavior_z", "--instruction", "Do z."),
        *("--avoid-when", "Never.", "--tags", "p, q", "--json"),
    )
    assert edited.code == 0, edited.err
    row = edited.document
    assert (row["name"], row["instruction"], row["topic"]) == ("behavior_z", "Do z.", "Sums")
    assert (row["avoid_when"], row["tags"], row["version"]) == ("Never.", ["p", "q"], 2)
    cli("review", "edit", one, "--avoid-when", "", "--tags", "")
    assert (_look(desk, one).avoid_when, _look(desk, one).tags) == (None, [])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--name"),
        (["--name", "Halve"], "behavior_ and words"),
        (["--instruction", ""], "is empty"),
    ],
)
def test_a_bad_edit_ends_with_2(
    options: list[str], words: str, cli: Cli, desk: App, propose: Propose
) -> None:
    (one,) = propose("a")
    ended = cli("review", "edit", one, *options)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert _look(desk, one).version == 1


def test_a_taken_name_ends_with_1(cli: Cli, propose: Propose) -> None:
    one, other = propose("a", "b")
    cli("review", "accept", one, other)
    ended = cli("review", "edit", one, "--name", "behavior_b")
    assert (ended.code, ended.out) == (1, "")
    assert "already" in ended.err


# Merging


@pytest.mark.parametrize(
    ("accepted", "name", "stays"),
    [
        ([], "behavior_b", 1),  # the one called so
        ([2], "behavior_b", 1),
        ([2], "behavior_new", 2),  # the first accepted one
        ([1, 2], "behavior_new", 1),
        ([], "behavior_new", 0),  # the first
    ],
)
def test_who_stays_in_a_merge(
    accepted: list[int], name: str, stays: int, cli: Cli, desk: App, propose: Propose
) -> None:
    ids = propose("a", "b", "c")
    for index in accepted:
        cli("review", "accept", ids[index])
    merged = cli(
        *("review", "merge", *ids, "--into", name, "--instruction", "Do all.", "--json"),
    )
    assert merged.code == 0, merged.err
    row = merged.document
    assert (row["id"], row["name"], row["instruction"], row["status"]) == (
        *(ids[stays], name, "Do all.", "accepted"),
    )
    assert sorted([*row["merged"], row["id"]]) == ids
    assert [_look(desk, number).merged_into for number in row["merged"]] == [ids[stays]] * 2


def test_the_accepted_one_of_a_name_stays(cli: Cli, propose: Propose) -> None:
    first, second = propose("a", "a")
    cli("review", "accept", second)
    merged = cli("review", "merge", first, second, "--into", "behavior_a", "--json")
    assert merged.document["id"] == second


def test_a_merge_is_split(cli: Cli, desk: App, propose: Propose) -> None:
    ids = propose("a", "b", "c")
    cli("review", "merge", *ids, "--into", "behavior_a")
    apart = cli("review", "split", ids[1], "--json")
    assert [one["name"] for one in apart.document["behaviors"]] == ["behavior_b"]
    assert _statuses(desk, ids) == ["accepted", "proposed", "merged"]
    assert cli("review", "split", ids[0]).code == 0
    assert _statuses(desk, ids) == ["accepted", "proposed", "proposed"]
    nothing = cli("review", "split", ids[0])
    assert (nothing.code, nothing.out) == (2, "")


def test_a_merge_takes_two_of_one_handbook(cli: Cli, propose: Propose) -> None:
    (one,), (other,) = propose("a"), propose("b", slug="other")
    for ids in ([one], [one, one], [one, other]):
        assert cli("review", "merge", *ids, "--into", "behavior_a").code == 2


def test_a_split_is_within_one_handbook(cli: Cli, desk: App, propose: Propose) -> None:
    first, second = propose("a", "b"), propose("a", "b", slug="other")
    for ids in (first, second):
        cli("review", "merge", *ids, "--into", "behavior_a")
    ended = cli("review", "split", first[1], second[1])
    assert (ended.code, ended.out) == (2, "")
    assert _statuses(desk, [first[1], second[1]]) == ["merged", "merged"]


# Taking back


def test_the_last_steps_are_undone_over_all_handbooks(
    cli: Cli, desk: App, propose: Propose
) -> None:
    (one,), (other,) = propose("a"), propose("b", slug="other")
    cli("review", "accept", one)
    cli("review", "reject", other, "--why", "no")
    cli("review", "retopic", one, "--topic", "Sums")
    done = cli("review", "undo", "--last", 2, "--json")
    assert done.code == 0, done.err
    assert [(s["handbook"], s["kind"], s["undone"]) for s in done.document["undone"]] == [
        ("notes", "retopic", True),
        ("other", "reject", True),
    ]
    assert (_look(desk, one).status, _look(desk, one).topic) == ("accepted", "")
    assert _look(desk, other).status == "proposed"
    again = cli("review", "redo", "--json").document
    assert (again["handbook"], again["kind"]) == ("other", "reject")
    only = cli("review", "redo", "--handbook", "notes", "--json").document
    assert (only["handbook"], only["kind"]) == ("notes", "retopic")


def test_fewer_than_asked_for_ends_with_1(cli: Cli, desk: App, propose: Propose) -> None:
    ids = propose("a", "b")
    cli("review", "accept", ids[0])
    curation.accept(desk.store, ids[1], version=1, by="ann")
    ended = cli("review", "undo", "--last", 3, "--handbook", "notes", "--json")
    assert ended.code == 1
    assert len(ended.document["undone"]) == 1
    assert "nothing of tester" in ended.document["stopped"]
    assert "1 step of 3 undone" in ended.err
    assert _statuses(desk, ids) == ["proposed", "accepted"]
    assert cli("review", "undo").code == 1
    assert cli("review", "redo").code == 0
    assert cli("review", "redo").code == 2


def test_an_undo_stops_at_what_somebody_changed_since(
    cli: Cli, desk: App, propose: Propose
) -> None:
    one, other = propose("a", "b")
    cli("review", "retopic", one, "--topic", "Sums")
    cli("review", "retopic", other, "--topic", "Sums")
    curation.edit(desk.store, one, {"topic": "Areas"}, version=2, by="ann")
    ended = cli("review", "undo", "--last", 2, "--json")
    assert ended.code == 1
    assert len(ended.document["undone"]) == 1
    assert "ann has changed the topic of behavior_a" in ended.document["stopped"]
    assert [_look(desk, number).topic for number in (one, other)] == ["Areas", ""]


def test_one_step_is_undone_by_its_number(cli: Cli, desk: App, propose: Propose) -> None:
    one, other = propose("a", "b")
    cli("review", "accept", one)
    cli("review", "accept", other)
    done = cli("review", "undo-step", "notes", 2, "--why", "Too early.", "--json")
    assert (done.code, done.document["undoes"], done.document["why"]) == (0, 2, "Too early.")
    assert _statuses(desk, [one, other]) == ["proposed", "accepted"]
    twice = cli("review", "undo-step", "notes", 2)
    assert (twice.code, "already" in twice.err) == (2, True)
    assert cli("review", "undo-step", "notes", 99).code == 2
    assert cli("review", "undo-step", "notes", done.document["number"]).code == 0
    assert _statuses(desk, [one, other]) == ["accepted", "accepted"]


def test_every_command_has_help(cli: Cli) -> None:
    for command in (
        *("list", "accept", "reject", "edit", "merge", "split", "retopic", "tag"),
        *("undo", "redo", "undo-step"),
    ):
        ended = cli("review", command, "--help")
        assert (ended.code, ended.err) == (0, "")
        assert f"Usage: python -m core review {command}" in ended.out
    for command in ("list", "show", "import", "export", "diff", "duplicates", "check", "history"):
        assert cli("handbook", command, "-h").code == 0
