"""`evaluate`: leaks to the handbooks of all arms, resuming, behaviors by hand, the estimate."""

import json
from pathlib import Path

import pytest

from core.handbook import curation, shelf
from core.settings import Settings
from core.store import Store, choices
from tests.core.conftest import Cli, Ended
from tests.core.test_cli_compare import book  # noqa: F401  a fixture
from tests.core.test_cli_evaluate import (  # noqa: F401  fixtures
    PROBLEMS,
    evaluate,
    grown,
    problems,
    small,
)
from tests.fake_openai import FakeOpenAI

LEAKY = "What is 3 plus 4 if 4711 counters are moved from 8128 boxes to 377 shelves?"
CARRYING = "When 4711 counters move from 8128 boxes to 377 shelves, add 3."


@pytest.fixture
def leaky(cli: Cli, small: FakeOpenAI, tmp_path: Path) -> Path:  # noqa: F811
    """Nine problems, of which the handbook `mine` carries one, and `book` none."""
    path = tmp_path / "leaky.jsonl"
    rows = [*PROBLEMS, {"problem": LEAKY, "answer": "7", "subject": "Algebra"}]
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    row = {"name": "behavior_move_counters", "topic": "Algebra", "instruction": CARRYING}
    (tmp_path / "mine.jsonl").write_text(json.dumps(row) + "\n")
    assert cli("handbook", "import", "mine", tmp_path / "mine.jsonl").code == 0
    return path


def of_mine(cli: Cli, leaky: Path, *options: object) -> Ended:
    always = ("--handbook", "book", "--model", "mine", "--budgets", 64, "--json")
    return cli("evaluate", "--problems", leaky, "--arms", "plain,bci-topic:mine", *always, *options)


def test_a_leak_to_the_handbook_of_any_arm_is_left_out(cli: Cli, leaky: Path) -> None:
    assert evaluate(cli, leaky, "--json").document["n_problems"] == 9
    made = of_mine(cli, leaky).document
    assert (made["n_problems"], made["leaks"]["flagged"]) == (8, {"behavior carries it": 1})
    kept = of_mine(cli, leaky, "--leaks", "keep").document
    assert (kept["n_problems"], kept["leaks"]["kept"]) == (9, {"behavior carries it": 1})


def test_what_was_rejected_leaks_from_the_raw_extraction(
    cli: Cli,
    leaky: Path,
    store: Store,
    grown: str,  # noqa: F811
) -> None:
    with store.write() as session:
        draft = curation.Draft("behavior_move", CARRYING, "Algebra")
        (one,) = curation.propose(
            shelf.find(store, grown).id, [draft], by="a-model", session=session
        )
    curation.reject(store, one.id, version=one.version, by="ann")
    always = ("--handbook", grown, "--model", "mine", "--budgets", 64, "--json")
    asked = ("--arms", "bci-topic", "--curation")
    made = cli("evaluate", "--problems", leaky, *always, *asked).document
    assert (made["n_problems"], made["leaks"]["flagged"]) == (8, {"behavior carries it": 1})


def test_another_arm_does_not_bring_leaks_in_silently(
    cli: Cli,
    leaky: Path,
    small: FakeOpenAI,  # noqa: F811
) -> None:
    before = evaluate(cli, leaky, "--json").document
    asked = len(small.requests)
    more = ("evaluate", "--resume", 1, "--arms", "bci-topic:mine")
    refused = cli(*more)
    assert refused.code == 2
    assert "1 of the run's 9 problems leak to what is added" in refused.err
    assert "behavior_move_counters has the numbers" in refused.err
    assert cli("report", 1, "--json").document == before
    assert len(small.requests) == asked
    kept = cli(*more, "--leaks", "keep", "--json")
    assert kept.code == 0, kept.err
    assert "1 problem flagged as leaks or look-alikes and kept." in kept.err
    assert kept.document["leaks"]["kept"] == {"behavior carries it": 1}
    assert any("flagged as leaks or look-alikes and kept" in one for one in kept.document["limits"])
    assert cli("evaluate", "--resume", 1, "--arms", "random:mine").code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--temperature", 0.6), "--temperature"),
        (("--k", 3, "--forced"), "--k, --forced"),
        (("--problems", "sums", "--handbook", "book"), "--problems, --handbook"),
        (("--model", "mine"), "--model"),
        (("--fixed", 3, "--arms", "bci-fixed"), "--fixed"),
        (("--limit", 3, "--curation"), "--limit, --curation"),
    ],
)
def test_what_resuming_does_not_use_is_refused(
    options: tuple[str, ...],
    told: str,
    cli: Cli,
    problems: Path,  # noqa: F811
    small: FakeOpenAI,  # noqa: F811
) -> None:
    assert evaluate(cli, problems).code == 0
    asked = len(small.requests)
    ended = cli("evaluate", "--resume", 1, "--samples", 2, *options)
    assert ended.code == 2
    assert f"so leave out {told}." in ended.err
    assert len(small.requests) == asked
    added = ("--samples", 2, "--arms", "bci-topic", "--model", "mine", "--leaks", "exclude")
    assert cli("evaluate", "--resume", 1, *added, "--json").code == 0


def test_behaviors_picked_by_hand_are_given(
    cli: Cli,
    problems: Path,  # noqa: F811
    small: FakeOpenAI,  # noqa: F811
    settings: Settings,
) -> None:
    arms = ("--arms", "plain,bci-fixed")
    options = ("--problems", problems, "--handbook", "book", "--model", "mine", "--budgets", 64)
    assert "pick at least one" in cli("evaluate", *options, *arms).err
    wrong = cli("evaluate", *options, *arms, "--fixed", "behavior_none")
    assert (wrong.code, "no accepted behavior behavior_none" in wrong.err) == (2, True)
    assert not small.requests
    ended = cli("evaluate", *options, *arms, "--fixed", "behavior_halve", "--json")
    assert ended.code == 0, ended.err
    store = Store.open(settings.database_url)
    with store.read() as session:
        given = [arms["bci-fixed"] for arms in choices.choices(1, session=session).values()]
    store.close()
    assert [[one["name"] for one in some] for some in given] == [["behavior_halve"]] * 8


def test_what_it_will_take_is_told_before(
    cli: Cli,
    problems: Path,  # noqa: F811
    small: FakeOpenAI,  # noqa: F811
) -> None:
    begun = evaluate(cli, problems).err
    assert "About 16 replies, 512 output tokens and " in begun
    assert begun.index("About 16 replies") < begun.index("Run 1.")
    assert "With 8 problems" in begun
    assert "Nothing is kept of this model yet: plain, concise" in begun
    more = cli("evaluate", "--resume", 1, "--samples", 2).err
    assert "About 16 replies" in more
    assert "Nothing is kept" not in more
    assert "No further reply is asked for" in cli("evaluate", "--resume", 1).err
