"""Recordings go out and come in: as they were, or not at all, with a sentence."""

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlmodel import func, select

from core.errors import BadInput
from core.evaluation.comparison import exporting
from core.evaluation.comparison import importing as importing_module
from core.evaluation.comparison.board import board
from core.evaluation.comparison.document import document
from core.evaluation.comparison.importing import import_comparison
from core.evaluation.comparison.page import page
from core.llm import endpoints
from core.store import Store, votes
from core.store import runs as run_rows
from core.store.tables import ProblemRow, RunRow, TraceRow, VerdictRow, VoteRow
from tests.core.evaluation.comparison import document as made_up
from tests.core.pipeline.test_comparer import Bouts, bouts, words_app  # noqa: F401
from tests.core.pipeline.test_dynamic import TEXT, UNCOUNTED
from tests.fake_openai import Arms, FakeOpenAI, Reply, Worded, Writer, endpoint_of

NAME = "talk.json"
# What is this database's own, and what a recording is not: running.
OWN = ("run", "imported", "status")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Somebody else's store."""
    opened = Store.open(f"sqlite:///{tmp_path_factory.mktemp('other') / 'other.db'}")
    yield opened
    opened.close()


def taken_in(store: Store, made: Any) -> dict[str, Any]:
    """The document of what was imported; the made-up one is of the first version."""
    data = made if isinstance(made, bytes) else json.dumps(made).encode()
    run = import_comparison(store, NAME, data, by="visitor")
    assert run.kind == "compare"
    return document(store, run.id)


def size(store: Store) -> list[int]:
    """How much there is of what an import writes."""
    with store.read() as session:
        tables = (RunRow, TraceRow, VerdictRow, VoteRow, ProblemRow)
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


def refused(store: Store, data: bytes) -> str:
    before = size(store)
    with pytest.raises(BadInput) as error:
        import_comparison(store, NAME, data, by="visitor")
    sentence = str(error.value)
    assert sentence.startswith(NAME)
    assert len(sentence) < 500
    assert size(store) == before
    return sentence


def changed(change: Any, arms: int = 3) -> bytes:
    made = made_up(arms)
    change(made)
    return json.dumps(made).encode()


# As it was


@pytest.fixture
def recording(bouts: Bouts, fake: FakeOpenAI) -> dict[str, Any]:  # noqa: F811
    """A comparison with all there can be: thinking, offers, failures, second attempts, votes."""
    usage = {"prompt_tokens": 80, "completion_tokens": 5, "total_tokens": 85}
    think = {"thinking": "Let me see.", "thinking_form": "reasoning_content"}
    cites = "By **behavior_count_digits** and behavior_made_up_one it is $\\boxed{42}$."
    with FakeOpenAI(tokenizer="llama.cpp") as server:
        prices = {"price_in": 2.0, "price_out": 8.0}
        found = {"midway": "continue"}
        endpoints.change(bouts.app.store, endpoint_of(server, found=found, **prices))
        arms = {
            "dynamic": Writer(TEXT, **UNCOUNTED),
            "condition": Worded(cites, usage=usage, **think),
        }
        server.answer = Arms(concise=Reply(fault="bad_request"), **arms)
        job = bouts.do("plain concise bci bci-dynamic", samples=2)
        server.answer = Arms(concise=lambda body: RETRIED[body["seed"]], **arms)
        bouts.again(job)
    with bouts.app.store.write() as session:
        for by, better in (("ann", "first"), ("bob", "neither")):
            run_id = job.run_id or 0
            votes.add_vote(run_id, 1, "plain", "bci", better, blind=True, by=by, session=session)
    return bouts.document(job)


RETRIED = {7: Worded("It is \\boxed{41}."), 8: Reply(fault="context_overflow")}


def bare(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name not in OWN}


def test_what_broke_off_and_long_problems_come_in(recording: dict[str, Any], other: Store) -> None:
    made = copy.deepcopy(recording)
    made["arms"]["plain"][0]["finish_reason"] = None
    made["problem"]["text"] = "x" * 40_000
    there = taken_in(other, made)
    assert there["arms"]["plain"][0]["finish_reason"] is None
    assert there["problem"]["text"] == made["problem"]["text"]


def test_a_recording_comes_in_as_it_went_out(recording: dict[str, Any], other: Store) -> None:
    takes = [take for takes in recording["arms"].values() for take in takes]
    assert {take["finish_reason"] for take in takes} == {"stop", "error"}
    assert any(take["requests"] for take in takes)
    assert any(take["invented"] and take["cited"] and take["thinking"] for take in takes)
    there = taken_in(other, exporting.recording(recording).encode())
    for label, mine in recording["arms"].items():
        for take, again in zip(mine, there["arms"][label], strict=True):
            differ = {name for name in take if take[name] != again[name]}
            assert differ <= {"attempt"}  # the others were not taken along
    for made in (recording, there):
        for takes in made["arms"].values():
            for take in takes:
                take.pop("attempt")
    assert bare(there) == bare(recording)
    assert (recording["imported"], there["imported"], there["status"]) == (False, True, "done")


def test_what_came_in_can_go_out_again(other: Store) -> None:
    once = taken_in(other, made_up(6, samples=2))
    assert bare(taken_in(other, once)) == bare(once)


def test_the_first_version_comes_in_as_the_second_does(other: Store) -> None:
    made = made_up(6, samples=2)
    first, second = taken_in(other, made), taken_in(other, exporting.recording(made).encode())
    assert first["arms"] == second["arms"]
    assert [take["chunks"] for take in second["arms"]["bci"]] == [
        take["chunks"] for take in made["arms"]["bci"]
    ]


def test_settings_and_handbooks_of_arms_stay(other: Store) -> None:
    made = made_up(3)
    made["asked"][1]["handbook"] = "another"
    made["settings"] |= {"of_a_later_day": [1, {"deep": True}], "imported": "me", "arms": []}
    there = taken_in(other, made)
    assert [one["handbook"] for one in there["asked"]] == ["", "another", ""]
    assert (
        there["settings"].items() >= {"budget": 352, "of_a_later_day": [1, {"deep": True}]}.items()
    )
    assert there["imported"] is True
    assert len(there["arms"]) == 3
    assert taken_in(other, there)["settings"] == there["settings"]


def test_votes_keep_their_sample_their_time_and_what_was_hidden(other: Store) -> None:
    made = made_up(2, samples=2)
    pair = {"first": "plain", "second": "bci", "by": "ann"}
    made["votes"] = [
        {**pair, "sample": 1, "better": "first", "blind": True, "at": "2026-11-20T15:00:00+00:00"},
        {
            **pair,
            "sample": 1,
            "better": "second",
            "blind": False,
            "at": "2026-11-20T15:09:00+00:00",
        },
        {**pair, "sample": 0, "better": "both", "blind": False, "at": "2026-11-21T09:00:00+00:00"},
    ]
    assert taken_in(other, made)["votes"] == made["votes"]


def test_what_came_in_is_drawn_like_any_other(other: Store) -> None:
    there = taken_in(other, made_up(6, samples=2))
    assert len(board(there)["arms"]) == 6
    assert "behavior_fix_one_seat" in page(there)


def test_the_run_remembers_who_took_it_in(other: Store) -> None:
    run = import_comparison(other, NAME, json.dumps(made_up()).encode(), by="visitor")
    assert (run.by, run.params["imported"], run.handbook_id) == ("tester", "visitor", None)
    assert run.created == datetime.fromisoformat(made_up()["created"])
    with other.read() as session:
        assert run_rows.run(run.id, session=session) == run


def test_the_same_problem_is_kept_once(other: Store) -> None:
    taken_in(other, made_up())
    before = size(other)
    taken_in(other, made_up())
    assert [now - then for now, then in zip(size(other), before, strict=True)] == [1, 3, 3, 0, 0]


# What is no recording


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"nothing", b"\xff\xfe\xfd", b'{"format": ', b"\x00" * 99, b"PK\x03\x04zip"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5000,
    ],
)
def test_what_is_not_json(data: bytes, other: Store) -> None:
    assert "Nothing was imported" in refused(other, data)


@pytest.mark.parametrize(
    "data", [b"[]", b"null", b"7", b'"text"', b"{}", b'{"format": "other"}', b'{"format": ["x"]}']
)
def test_other_json(data: bytes, other: Store) -> None:
    assert "not a recording" in refused(other, data)


@pytest.mark.parametrize("version", [0, 3, "1", None, [1], 1.5])
def test_another_version(version: Any, other: Store) -> None:
    assert "another Vademecum" in refused(other, changed(lambda d: d.update(version=version)))


def test_too_large_a_file(other: Store) -> None:
    assert "129 MB; at most 128 MB" in refused(other, b" " * 129_000_000)


def first_take(made: dict[str, Any]) -> dict[str, Any]:
    return made["arms"]["plain"][0]


# One chunk, as it should be.
COLUMNS = {"ms": [1], "side": [["text", 1]], "length": [2], "tokens": [[None, 1]]}


def test_columns_as_they_should_be(other: Store) -> None:
    there = taken_in(other, changed(lambda made: first_take(made).update(chunks=COLUMNS)))
    assert first_take(there)["chunks"] == [[1, "text", 2, None]]


@pytest.mark.parametrize(
    "fields",
    [
        {"input_tokens": -1},
        {"output_tokens": -5},
        {"cached_tokens": -1},
        {"reasoning_tokens": 1.5},
        {"output_tokens": 2**63},
        {"seed": 2**63},
        {"seconds": -0.1},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"price": float("nan")},
        {"price": float("inf")},
        {"finish_reason": "gone"},
        {"started": "yesterday"},
        {"started": None},
        {"sample": -1},
        {"sample": 1000},
        {"sample": "first"},
        {"text": "x" * 2_000_001},
        {"text": None},
        {"text": "\ud800"},
        {"error": "\ud800"},
        {"thinking": ["x"]},
        {"counted_by": "me"},
        {"chunks": [[1, "text", 2]]},
        {"chunks": [[1, "note", 2, None]]},
        {"chunks": "none"},
        {"chunks": {**COLUMNS, "ms": [1, 2]}},
        {"chunks": {**COLUMNS, "length": []}},
        {"chunks": {**COLUMNS, "side": [["text", 10**12]]}},
        {"chunks": {**COLUMNS, "tokens": [[1, 10**12]]}},
        {"chunks": {**COLUMNS, "side": [["text", 2], ["text", -1]]}},
        {"chunks": {**COLUMNS, "side": [["note", 1]]}},
        {"chunks": {**COLUMNS, "tokens": [["many", 1]]}},
        {"chunks": {"ms": [1]}},
        {"given": [{"name": "behavior_x"}]},
        {"given": [{"id": 1, "name": "x" * 300, "instruction": "y"}]},
        {"messages": ["hello"]},
        {"messages": [{"content": "no role"}]},
        {"requests": [{"input_tokens": "many"}]},
        {"requests": [{"messages": [{}]}]},
        {"parts": [{"tokens": 3}]},
        {"requests": [{"seconds": float("nan")}]},
        {"parts": [{"tokens": float("inf")}]},
    ],
    ids=lambda fields: f"{next(iter(fields))}-{str(next(iter(fields.values())))[:60]}",
)
def test_a_reply_that_cannot_be(fields: dict[str, Any], other: Store) -> None:
    refused(other, changed(lambda made: first_take(made).update(fields)))


@pytest.mark.parametrize(
    "fields",
    [
        {"created": "soon"},
        {"created": "0001-01-01T00:00:00+14:00"},
        {"problem": {"text": ""}},
        {"problem": {"text": "x" * 40_001}},
        {"problem": None},
        {"asked": []},
        {"asked": [{"arm": "plain", "kind": "plain", "model": "m"}] * 3},
        {"asked": [{"arm": "other", "kind": "plain", "model": "m"}]},
        {"arms": {"nobodys": []}},
        {"arms": []},
        {"settings": {"budget": 0}},
        {"settings": {"width": -1}},
        {"settings": {"budget": 100, "temperature": float("nan")}},
        {"settings": None},
        {"handbook": "competition"},
        {"votes": [{"sample": 0, "first": "plain", "second": "bci", "better": "mine"}]},
        {"votes": [{"sample": 2**63, "first": "plain", "second": "bci", "better": "both"}]},
        {"votes": [{"sample": 0, "first": "plain", "second": "nobodys", "better": "both"}]},
        {"prompts": {"solve": 7}},
    ],
    ids=lambda fields: f"{next(iter(fields))}-{str(next(iter(fields.values())))[:30]}",
)
def test_a_document_that_cannot_be(fields: dict[str, Any], other: Store) -> None:
    refused(other, changed(lambda made: made.update(fields)))


def test_what_a_reply_does_not_tell_is_unknown(other: Store) -> None:
    def bare(made: dict[str, Any]) -> None:
        made["settings"].pop("budget")
        first_take(made)["requests"] = [{}, {}]

    run = import_comparison(other, "bare.json", changed(bare), by="ann")
    made = document(other, run.id)
    assert made["settings"]["budget"] is None
    assert first_take(made)["read_again_tokens"] is None
    assert "unknown" in page(made)


def test_the_sentence_says_where(other: Store) -> None:
    sentence = refused(other, changed(lambda d: first_take(d).update(output_tokens=-5)))
    assert "arms.plain.0.output_tokens" in sentence
    assert "greater than or equal to 0" in sentence
    for change, words in (
        (lambda d: d["arms"]["bci"].append(d["arms"]["bci"][0]), "bci has a sample twice"),
        (lambda d: d["arms"].update(nobodys=[]), "its arms are not those that were asked"),
        (lambda d: d["asked"][1].update(arm="plain"), "its arms are not those that were asked"),
    ):
        assert words in refused(other, changed(change))


def test_more_votes_than_anybody_gives(other: Store) -> None:
    pair = {"sample": 0, "first": "plain", "second": "bci", "better": "both"}
    many = [{**pair, "by": f"person {number}"} for number in range(1001)]
    refused(other, changed(lambda made: made.update(votes=many)))


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("place", ["settings", "take"])
def test_numbers_that_are_none(number: str, place: str, other: Store) -> None:
    """Python's JSON reads them; as JSON they could not go out again."""
    made = made_up()
    target = made["settings"] if place == "settings" else first_take(made)["messages"][0]
    target["temperature"] = "HERE"
    refused(other, json.dumps(made).replace('"HERE"', number).encode())


@pytest.mark.parametrize("depth", [50, 200, 300, 400, 600, 900, 950, 980, 990, 5000])
def test_deep_nesting_comes_in_whole_or_not_at_all(depth: int, other: Store) -> None:
    made = made_up()
    first_take(made)["messages"] = [{"content": "HERE"}]
    nested = "[" * depth + "]" * depth
    data = json.dumps(made).replace('"HERE"', nested).encode()
    before = size(other)
    try:
        there = taken_in(other, data)
    except BadInput:
        assert size(other) == before
    else:
        json.dumps(there)


def test_what_fails_late_keeps_nothing(other: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_fields: Any) -> None:
        raise RuntimeError("as a full disk would")

    monkeypatch.setattr(importing_module.vote_rows, "add_vote", broken)
    before = size(other)
    vote = {"first": "plain", "second": "bci", "better": "both"}
    data = changed(lambda made: made["problem"].update(text="New?") or made.update(votes=[vote]))
    with pytest.raises(RuntimeError):
        import_comparison(other, NAME, data, by="visitor")
    assert size(other) == before


# Anything


values = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["plain", "bci", "stop", "\ud83d", "\x00", "2026-11-20T14:00:00", "1"])
    | st.sampled_from([[], {}, [[]], {"a": 1}, [1, "text", 2, None], 2**63, -(2**63) - 1, 1e308])
)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in a document, but for most of the many chunks."""
    items = list(node.items() if isinstance(node, dict) else enumerate(node))
    for key, inner in items[:12] if isinstance(node, list) else items:
        yield node, key
        if isinstance(inner, dict | list):
            yield from places(inner)


@given(st.integers(1, 4), st.data())
@trying(max_examples=120)
def test_whatever_was_done_to_a_recording(other: Store, times: int, data: st.DataObject) -> None:
    made = copy.deepcopy(SMALL)

    def somewhere() -> tuple[Any, Any]:
        there = list(places(made))
        return there[data.draw(st.integers(0, len(there) - 1))]

    for _ in range(times):
        holder, key = somewhere()
        how = data.draw(st.sampled_from(["replace", "replace", "remove", "move"]))
        if how == "remove":
            del holder[key]
        elif how == "move":
            from_there, its_key = somewhere()
            holder[key] = copy.deepcopy(from_there[its_key])
        else:
            holder[key] = copy.deepcopy(data.draw(values))  # drawn lists are shared
    before = size(other)
    try:
        there = taken_in(other, made)
    except BadInput as error:
        assert str(error).startswith(NAME)
        assert size(other) == before
    else:
        json.dumps(there, allow_nan=False)
        assert taken_in(other, there)["arms"] == there["arms"]
        board(there)


SMALL = made_up(3)
SMALL["asked"][0]["kind"] = "plain"
for _takes in SMALL["arms"].values():
    _takes[0]["chunks"] = _takes[0]["chunks"][:3]
SMALL["votes"] = [{"sample": 0, "first": "plain", "second": "bci", "better": "both", "by": "ann"}]
