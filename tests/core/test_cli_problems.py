"""`problems` on the command line: sets imported, shown and removed, and what leaks from them."""

import io
import json
from pathlib import Path
from typing import Any

import pandas
import pytest

from core.app import App
from core.evaluation import sets
from core.evaluation.problems import MAPPINGS
from core.handbook import shelf
from core.settings import Settings
from core.store import behaviors as behavior_rows
from core.store import runs as run_rows
from tests.core.conftest import Cli
from tests.core.evaluation.planted_leaks import CARRYING, REWORDED
from tests.fake_openai import nothing_listening

MATH = {"problem": "Find $x$.", "solution": "\\boxed{3}", "type": "Algebra", "level": "Level 2"}


def _file(tmp_path: Path, *rows: dict[str, Any], name: str = "dev.jsonl") -> Path:
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _sets(cli: Cli) -> dict[str, int]:
    return {one["name"]: one["problems"] for one in cli("problems", "list", "--json").document}


def test_problems_are_imported_listed_and_removed(cli: Cli, tmp_path: Path) -> None:
    assert cli("problems", "list", "--json").document == []
    one, two = {"problem": "One?", "answer": 1, "subject": "Algebra"}, {"problem": "Two?"}
    path = _file(tmp_path, one, two, one)
    made = cli("problems", "import", path, "--split", "test", "--json").document
    digest = made.pop("digest")
    first = made.pop("first")
    assert made == {
        "name": "dev",
        "split": "test",
        "problems": 2,
        "repeated": 1,
        "topics": {"Algebra": 1, "": 1},
        "mapping": "generic",
        "columns": {"text": "problem", "gold": "answer", "topic": "subject"},
        "bad": [],
    }
    assert first.pop("id")
    assert first == {"problem": "One?", "answer": "1", "topic": "Algebra", "extra": {}}
    assert cli("problems", "list", "--json").document == [
        {"name": "dev", "split": "test", "problems": 2, "digest": digest}
    ]
    assert cli("problems", "remove", "dev", "--json").document == {"removed": "dev"}
    assert _sets(cli) == {}


def test_a_set_of_the_same_name_is_replaced(cli: Cli, tmp_path: Path) -> None:
    path = _file(tmp_path, {"problem": "One?"}, {"problem": "Two?"})
    told = [cli("problems", "import", path).err for _time in range(2)]
    assert "took their place" not in "".join(told)
    cli(
        "problems", "import", _file(tmp_path, {"question": "Three?"}, name="b.jsonl"), "--name", "b"
    )
    assert _sets(cli) == {"b": 1, "dev": 2}
    path = _file(tmp_path, {"problem": "Three?"})
    ended = cli("problems", "import", path, "--json")
    assert ended.document["problems"] == 1
    assert ended.err == "The set dev had 2 problems; these took their place.\n"
    assert _sets(cli) == {"b": 1, "dev": 1}


def test_a_person_gets_lines_about_problems(cli: Cli, tmp_path: Path) -> None:
    assert "no problem set yet" in cli("problems", "list").out
    ended = cli("problems", "import", _file(tmp_path, {"problem": "One?", "level": 3}))
    assert ended.out.startswith("dev: 1 problem (0 repeated rows left out).\nRead as generic.")
    assert "Text from the column 'problem', answers from None" in ended.out
    assert "The columns are: problem, level." in ended.out
    assert "  without a topic: 1" in ended.out
    assert ended.out.endswith("The first:\n  One?\n  answer: None\n")
    assert cli("problems", "list").out.startswith("dev  1 problem")
    assert cli("problems", "remove", "dev").out == "dev was removed.\n"


def test_the_mapping_is_guessed_or_named(cli: Cli, tmp_path: Path) -> None:
    path = _file(tmp_path, MATH)
    guessed = cli("problems", "import", path, "--json").document
    assert (guessed["mapping"], guessed["columns"]["topic"]) == ("math", "type")
    assert guessed["first"]["extra"] == {"task": "math", "level": 2}
    named = cli("problems", "import", path, "--mapping", "generic", "--json").document
    assert (named["mapping"], named["first"]["answer"]) == ("generic", None)
    options = ("--text", "solution", "--answer", "problem", "--topic", "level")
    own = cli("problems", "import", path, *options, "--json").document
    assert own["mapping"] == "generic"
    assert own["columns"] == {"text": "solution", "gold": "problem", "topic": "level"}
    assert own["topics"] == {"Level 2": 1}


def test_bad_rows_are_left_out_and_listed(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "dev.jsonl"
    path.write_text('{"problem": "One?"}\nnothing\n{"problem": ""}\n{"problem": "Two?"}\n')
    made = cli("problems", "import", path, "--json").document
    assert made["problems"] == 2
    assert [bad["row"] for bad in made["bad"]] == [2, 3]
    lines = cli("problems", "import", path).out
    assert "2 bad rows left out:\n  row 2 is not readable JSON" in lines
    assert "  row 3 has nothing in the column 'problem'\n" in lines


def test_a_parquet_file_is_imported(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "cd.parquet"
    file = io.BytesIO()
    pandas.DataFrame([{"nums": [19, 36, 55], "target": 74}]).to_parquet(file)
    path.write_bytes(file.getvalue())
    made = cli("problems", "import", path, "--json").document
    assert made["mapping"] == "countdown"
    assert made["first"]["extra"] == {"task": "countdown", "numbers": [19, 36, 55], "target": 74}


def test_a_set_is_shown(cli: Cli, tmp_path: Path) -> None:
    other = MATH | {"problem": "Find $y$.", "level": "Level 5", "solution": "None."}
    cli("problems", "import", _file(tmp_path, MATH, other), "--split", "test")
    shown = cli("problems", "show", "dev", "--json").document
    assert [example["problem"] for example in shown.pop("examples")] == ["Find $x$.", "Find $y$."]
    assert len(shown.pop("digest")) == 64
    assert shown == {
        "name": "dev",
        "split": "test",
        "problems": 2,
        "with_answer": 1,
        "topics": {"Algebra": 2},
        "levels": {"2": 1, "5": 1},
        "tasks": {"math": 2},
    }
    lines = cli("problems", "show", "dev").out
    assert lines.startswith("dev: 2 problems, 1 with an answer. test\nDigest ")
    assert "  Algebra: 2\n  2: 1\n  5: 1\n  math: 2\n\nFind $x$.\n  answer: 3\n" in lines


def test_mappings_are_listed(cli: Cli) -> None:
    names = [mapping["name"] for mapping in cli("problems", "mappings", "--json").document]
    assert names == [mapping.name for mapping in MAPPINGS]
    lines = cli("problems", "mappings").out.splitlines()
    assert [line.split()[0] for line in lines] == names


def test_hugging_face_out_of_reach_is_one_sentence(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nothing_listening() as nobody:
        monkeypatch.setenv("HF_ENDPOINT", nobody)
        ended = cli("problems", "import", "hf:openai/gsm8k/main:test")
    assert (ended.code, ended.out) == (1, "")
    assert f"Hugging Face ({nobody}) cannot be reached" in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.fixture
def evaluated(cli: Cli, settings: Settings, tmp_path: Path) -> str:
    """A set of which a handbook has seen the first problem and carries the second."""
    carrying = CARRYING[0]
    rows = [
        {"problem": REWORDED[0].planted, "answer": "-704x-706"},
        {"problem": carrying.problem, "answer": carrying.answer},
        {"problem": "How many sides has a cube's face?", "answer": "4"},
    ]
    cli("problems", "import", _file(tmp_path, *rows))
    app = App.open(settings)
    handbook = shelf.create(app.store, "notes", by="ann")
    with app.store.write() as session:
        seen = run_rows.keep_problem(REWORDED[0].source, None, "", {}, session=session)
        run_rows.add_run(
            kind="solve", title="", handbook_id=handbook.id, problem_ids=[seen], params={},
            prompts={}, code_version="", by="ann", session=session,
        )  # fmt: skip
        behavior_rows.add_behavior(
            handbook_id=handbook.id, name="behavior_ages", instruction=carrying.instruction,
            topic="", status="accepted", by="ann", session=session,
        )  # fmt: skip
    assert len(sets.problems_of(app.store, "dev")) == 3
    app.close()
    return "dev"


def test_leaks_are_listed(cli: Cli, evaluated: str) -> None:
    found = cli("problems", "leaks", evaluated, "--handbook", "notes", "--json").document
    numbers = {key: found[key] for key in ("problems", "made_from", "behaviors", "flagged")}
    assert numbers == {"problems": 3, "made_from": 1, "behaviors": 1, "flagged": 2}
    assert found["by_kind"]["near problem"] == found["by_kind"]["behavior carries it"] == 1
    near, carried = found["leaks"]
    assert near["evidence"] == " ".join(REWORDED[0].source.split())
    assert carried["why"].startswith("behavior_ages has the numbers 75, ")
    assert found["look_alikes"] == []
    lines = cli("problems", "leaks", evaluated, "--handbook", "notes").out
    assert lines.startswith("dev beside notes, made from 1 problem that is known: 2 of 3 problems")
    assert "behavior carries it: behavior_ages has the numbers" in lines


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "nowhere.jsonl"], "nowhere.jsonl"),
        (["import", "{dev}", "--name", "../x"], "'../x'"),
        (["import", "{dev}", "--name", ""], ""),
        (["import", "{bad}"], "bad.jsonl, line 2 is not readable JSON"),
        (["import", "{empty}"], "no rows"),
        (["import", "{other}"], "No column is called"),
        (["import", "{void}"], "No row of {void} can be a problem. Row 1 has nothing in the"),
        (["import", "{dev}", "--mapping", "nobodys"], "no mapping 'nobodys'"),
        (["import", "{dev}", "--mapping", "gsm8k", "--answer", "gone"], "no column 'gone'"),
        (["import", "{dev}", "--text", "gone"], "no column 'gone'"),
        (["import", "hf:gsm8k"], "names no data set"),
        (["show", "nobodys"], "'nobodys'"),
        (["leaks", "nobodys", "--handbook", "math-foundations"], "'nobodys'"),
        (["leaks", "nobodys"], "--handbook"),
        (["remove", "nobodys"], "'nobodys'"),
        (["remove"], "NAME"),
    ],
)
def test_what_cannot_be_imported_ends_with_2(
    cli: Cli, tmp_path: Path, arguments: list[str], words: str
) -> None:
    contents = {
        "dev": '{"problem": "One?"}\n',
        "bad": "\nnothing\n",
        "empty": "",
        "other": '{"level": 3}\n',
        "void": '{"problem": " "}\n',
    }
    paths = {name: tmp_path / f"{name}.jsonl" for name in contents}
    for name, path in paths.items():
        path.write_text(contents[name])
    ended = cli("problems", *(argument.format(**paths) for argument in arguments))
    if words:
        assert (ended.code, ended.out) == (2, "")
        assert words.format(**paths) in ended.err
        assert _sets(cli) == {}
    else:  # an empty name is none: the file's is taken
        assert (ended.code, _sets(cli)) == (0, {"dev": 1})
    assert "Traceback" not in ended.err
