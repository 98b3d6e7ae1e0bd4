"""`handbook` on the command line: files in and out, versions, differences, what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.app import App
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.settings import Settings
from core.store import behaviors as rows
from tests.core.conftest import Cli


@pytest.fixture
def book(cli: Cli, tmp_path: Path) -> str:
    """A handbook of three accepted behaviors: one step."""
    _import(cli, tmp_path, a="Do a.", b="Do b.", c="Do c.")
    return "notes"


def _file(tmp_path: Path, **texts: str) -> Path:
    path = tmp_path / "some.jsonl"
    rows = [
        {"topic": "sums", "name": f"behavior_{name}", "instruction": text}
        for name, text in texts.items()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _import(cli: Cli, tmp_path: Path, *options: str, **texts: str) -> Any:
    ended = cli("handbook", "import", "notes", _file(tmp_path, **texts), *options, "--json")
    assert ended.code == 0, ended.err
    return ended.document


def _texts(cli: Cli, *options: str) -> dict[str, str]:
    shown = cli("handbook", "show", "notes", *options, "--json").document
    return {b["name"].removeprefix("behavior_"): b["instruction"] for b in shown["behaviors"]}


def test_an_import_tells_what_it_did_to_each_name(cli: Cli, book: str, tmp_path: Path) -> None:
    texts = {"a": "Do a.", "b": "Do b well.", "c": "Count sheep.", "d": "Do d."}
    before = _texts(cli)
    dry = _import(cli, tmp_path, "--dry-run", **texts)
    assert _texts(cli) == before
    done = _import(cli, tmp_path, **texts)
    assert {**dry, "dry_run": False} == done
    assert done == {
        "slug": "notes",
        "dry_run": False,
        "added": ["behavior_d"],
        "clashing": ["behavior_a", "behavior_b", "behavior_c"],
        "proposed": [],
        "replaced": [],
        "same": ["behavior_a"],
        "changed": ["behavior_b"],
        "bad": [],
    }
    assert _texts(cli) == {**before, "d": "Do d."}


@pytest.mark.parametrize(
    ("options", "replaced"),
    [
        (["--replace", "behavior_b"], ["behavior_b"]),
        (["--replace", "behavior_a", "--replace", "behavior_c"], ["behavior_c"]),
        (["--replace-all"], ["behavior_b", "behavior_c"]),
    ],
)
@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_what_is_replaced_takes_the_files_text(
    cli: Cli, book: str, tmp_path: Path, options: list[str], replaced: list[str], dry: list[str]
) -> None:
    texts = {"a": "Do a.", "b": "Do b well.", "c": "Count sheep."}
    before = _texts(cli)
    done = _import(cli, tmp_path, *options, *dry, **texts)
    assert done["replaced"] == replaced
    assert not set(done["clashing"]) & set(replaced)
    names = {name.removeprefix("behavior_") for name in replaced}
    new = {name: text for name, text in texts.items() if name in names}
    assert _texts(cli) == (before if dry else {**before, **new})


def test_only_what_both_have_can_be_replaced(cli: Cli, book: str, tmp_path: Path) -> None:
    path = _file(tmp_path, a="Do a well.", d="Do d.")
    options = ("--replace", "behavior_d", "--replace", "behavior_b")
    ended = cli("handbook", "import", "notes", path, *options)
    assert (ended.code, ended.out) == (2, "")
    assert "behavior_b, behavior_d" in ended.err
    assert _texts(cli)["a"] == "Do a."


def test_rows_come_in_as_proposals_once(cli: Cli, book: str, tmp_path: Path) -> None:
    first = _import(cli, tmp_path, "--proposed", a="Do a.", d="Do d.")
    assert (first["proposed"], first["added"]) == (["behavior_d"], [])
    again = _import(cli, tmp_path, "--proposed", a="Do a.", d="Do d.")
    assert (again["proposed"], again["same"]) == ([], ["behavior_a", "behavior_d"])
    listed = {b["slug"]: b for b in cli("handbook", "list", "--json").document}
    assert (listed["notes"]["accepted"], listed["notes"]["proposed"]) == (3, 1)


def test_bad_rows_are_told_by_their_place(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text(json.dumps({"behavior_a": "Do a.", "behavior_b": 3}))
    ended = cli("handbook", "import", "notes", path)
    assert ended.code == 0
    assert "1 behaviors were added to notes." in ended.out
    assert "Entry 2 was left out" in ended.out or "2 was left out" in ended.out


def test_a_version_is_shown_exported_and_restored(cli: Cli, book: str, tmp_path: Path) -> None:
    named = cli("handbook", "version", "notes", "spring", "--why", "The talk.", "--json")
    assert named.document["step"] == 1
    before = tmp_path / "before"
    cli("handbook", "export", "notes", before)
    present = _texts(cli)
    _import(cli, tmp_path, "--replace-all", a="Do a well.", d="Do d.")
    assert _texts(cli, "--as-of", "spring") == present
    assert _texts(cli, "--as-of", "0") == {}
    old = tmp_path / "old"
    done = cli("handbook", "export", "notes", old, "--as-of", "spring", "--json").document
    assert (done["behaviors"], done["step"]) == (3, 1)
    for path in before.iterdir():
        assert (old / path.name).read_bytes() == path.read_bytes()
    (version,) = cli("handbook", "versions", "notes", "--json").document
    assert (version["name"], version["step"], version["by"]) == ("spring", 1, "tester")
    restored = cli("handbook", "restore", "notes", "spring", "--json").document
    assert (restored["step"], restored["size"]) == (3, 2)
    assert _texts(cli) == present
    assert cli("handbook", "restore", "notes", "spring", "--json").document["step"] is None
    assert "already" in cli("handbook", "restore", "notes", "spring").out


def test_an_earlier_step_is_named(cli: Cli, book: str, tmp_path: Path) -> None:
    _import(cli, tmp_path, d="Do d.")
    assert cli("handbook", "version", "notes", "first", "--at", 1).code == 0
    assert "first" in cli("handbook", "versions", "notes").out
    again = cli("handbook", "version", "notes", "first")
    assert (again.code, again.out) == (1, "")
    assert "Take another name" in again.err


def test_the_history_is_listed_newest_first(cli: Cli, book: str, tmp_path: Path) -> None:
    _import(cli, tmp_path, d="Do d.")
    cli("handbook", "rename", "notes", "--title", "New")
    steps = cli("handbook", "history", "notes", "--json").document
    assert [(s["number"], s["kind"], s["size"]) for s in steps] == [
        (3, "rename", 1),
        (2, "import", 1),
        (1, "import", 3),
    ]
    assert {s["by"] for s in steps} == {"tester"}
    assert steps[2]["why"] == "some.jsonl"
    narrow = ("handbook", "history", "notes", "--kind", "import", "--limit", 1)
    assert [s["number"] for s in cli(*narrow, "--json").document] == [2]
    assert cli("handbook", "history", "notes", "--by", "nobody", "--json").document == []
    assert "rename" in cli("handbook", "history", "notes").out


def test_differences_of_states_and_files(cli: Cli, book: str, tmp_path: Path) -> None:
    cli("handbook", "export", "notes", tmp_path / "old.jsonl")
    cli("handbook", "version", "notes", "spring")
    _import(cli, tmp_path, "--replace-all", a="Do a now.", d="Do d.")
    for old in ("notes@spring", "notes@1"):
        found = cli("handbook", "diff", old, "notes", "--json").document
        assert found["counts"]["added"] == 1
        (reworded,) = found["reworded"]
        assert (reworded["old"]["instruction"], reworded["new"]["instruction"]) == (
            "Do a.",
            "Do a now.",
        )
    from_file = cli("handbook", "diff", tmp_path / "old.jsonl", "notes", "--json").document
    assert (from_file["counts"]["added"], from_file["counts"]["reworded"]) == (1, 1)
    report = cli("handbook", "diff", "notes@spring", "notes", "--markdown")
    assert "Do ~~a.~~ **a now.**" in report.out
    lines = cli("handbook", "diff", "notes@spring", "notes").out.splitlines()
    assert lines == ["added      behavior_d", "reworded   behavior_a"]
    assert cli("handbook", "diff", "notes", "notes").out == "Nothing differs.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "notes", "--as-of", "v9"], "spring"),
        (["export", "notes", "out", "--as-of", "9"], "0 to 1"),
        (["restore", "notes", "v9"], "spring"),
        (["version", "notes", "17"], "bare number"),
        (["version", "notes", "x", "--at", "9"], "0 to 1"),
        (["diff", "notes", "nowhere.jsonl"], "nowhere.jsonl"),
        (["diff", "notes@v9", "notes"], "v9"),
        (["rename", "notes"], "--title"),
        (["rename", "notes", "--title", " "], "title is empty"),
        (["rename", "notes", "--slug", "../x"], "'../x'"),
        (["copy", "notes", "A b"], "'A b'"),
        (["copy", "nobodys", "mine"], "'nobodys'"),
        (["archive", "nobodys"], "'nobodys'"),
        (["history", "nobodys"], "'nobodys'"),
        (["history", "notes", "--limit", "0"], "limit"),
        (["check", "nobodys"], "'nobodys'"),
        (["duplicates", "nobodys"], "'nobodys'"),
        (["duplicates", "notes", "--threshold", "2"], "threshold"),
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(
    arguments: list[str], words: str, cli: Cli, book: str
) -> None:
    cli("handbook", "version", "notes", "spring")
    ended = cli("handbook", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_a_handbook_is_renamed_archived_and_copied(cli: Cli, book: str) -> None:
    renamed = cli(
        *("handbook", "rename", "notes", "--title", "Sums", "--slug", "sums"),
        *("--description", "All of them.", "--json"),
    ).document
    assert renamed == {"title": "Sums", "slug": "sums", "description": "All of them."}
    assert cli("handbook", "show", "notes").code == 2
    assert cli("handbook", "archive", "sums", "--json").document["archived"] is True
    assert "sums" not in {b["slug"] for b in cli("handbook", "list", "--json").document}
    everything = {b["slug"]: b for b in cli("handbook", "list", "--all", "--json").document}
    assert everything["sums"]["archived"] is True
    assert "(archived)" in cli("handbook", "list", "--all").out
    cli("handbook", "archive", "sums", "--back")
    assert "sums" in {b["slug"] for b in cli("handbook", "list", "--json").document}
    copied = cli("handbook", "copy", "sums", "mine", "--json").document
    assert copied == {"slug": "mine", "title": "Sums (copy)", "behaviors": 3}
    assert cli("handbook", "copy", "sums", "mine").code == 1


def test_a_sound_handbook_and_another(cli: Cli, book: str, settings: Settings) -> None:
    assert cli("handbook", "check", "notes").out == "notes is sound.\n"
    app = App.open(settings)
    (behavior, *_) = shelf.behaviors(app.store, shelf.find(app.store, "notes"))
    with app.store.write() as session:
        change = {behavior.id: {"instruction": "Secretly."}}
        rows.change_behaviors(change, by="eve", session=session)
    app.close()
    ended = cli("handbook", "check", "notes", "--json")
    assert ended.code == 1
    assert ended.document["sound"] is False
    assert "instruction is not what its history leads to" in ended.document["faults"][0]


def test_near_copies_are_listed(cli: Cli, book: str, settings: Settings) -> None:
    app = App.open(settings)
    handbook = shelf.find(app.store, "notes")
    for name, text in [
        ("behavior_halve", "When a diameter is given, halve it first."),
        ("behavior_halve_again", "When a diameter is given, halve it at first."),
    ]:
        curation.write(app.store, handbook.id, Draft(name, text), by="ann")
    app.close()
    found = cli("handbook", "duplicates", "notes", "--json").document
    (group,) = found["groups"]
    assert [b["name"] for b in group["behaviors"]] == ["behavior_halve", "behavior_halve_again"]
    assert group["pairs"][0]["similarity"] > 0.85
    assert "behavior_halve_again" in cli("handbook", "duplicates", "notes").out
    assert "No near copies" in cli("handbook", "duplicates", "notes", "--threshold", 1).out
