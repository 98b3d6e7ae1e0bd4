"""The samples of lm-evaluation-harness, read and written."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.evaluation.logs import LoggedRun, LoggedSample, read, write_lm_eval
from core.evaluation.problems import NewProblem
from tests.core.evaluation.logs import HARNESS, QUESTION, harness_row, lines


def one(**changed: Any) -> LoggedSample:
    (found,) = read(HARNESS, lines(harness_row(**changed))).samples
    return found


def test_a_reply_with_its_problem_and_score() -> None:
    run = read(HARNESS, lines(harness_row(), harness_row(1, exact_match=0.0)))
    assert (run.tool, run.model, run.task) == ("lm-evaluation-harness", "org/small-model", "gsm8k")
    assert run.created == datetime(2026, 1, 16, 15, 23, 47, tzinfo=UTC)
    assert (run.budget, run.temperature, run.top_p, run.seed) == (512, 0.6, 0.9, None)
    assert run.scorers == (run.scored_by,) == ("exact_match,strict-match",)
    first, second = run.samples
    assert first.problem == NewProblem(f"{QUESTION} (0)", "18", "", first.problem.extra)
    assert first.text == " Each bag has 6.\n#### 18"
    assert (first.correct, first.score, first.answer) == (True, 1.0, "18")
    assert (second.correct, second.number) == (False, 0)
    assert first.messages == ({"role": "user", "content": f"Q: {QUESTION} (0)\nA:"},)
    assert first.finish is first.output_tokens is first.seconds is None
    assert any("tokens of 2 of 2 replies are unknown" in note for note in run.notes)


def test_each_filter_is_a_scorer_and_one_is_taken() -> None:
    other = {"filter": "flexible-extract", "exact_match": 0.0}
    data = lines(harness_row(), harness_row(**other))
    run = read(HARNESS, data)
    assert run.scorers == ("exact_match,strict-match", "exact_match,flexible-extract")
    assert [sample.correct for sample in run.samples] == [True]
    assert "Scored by exact_match,strict-match; the log has exact_match,flexible" in run.notes[0]
    (sample,) = read(HARNESS, data, "exact_match,flexible-extract").samples
    assert sample.correct is False
    with pytest.raises(BadInput, match=r"is not scored by 'f1'\. There are: exact_match,strict"):
        read(HARNESS, data, "f1")


def test_several_metrics_are_several_scorers() -> None:
    row = harness_row(metrics=["exact_match", "math_verify"], exact_match=0, math_verify=1)
    assert read(HARNESS, lines(row)).samples[0].correct is False
    assert read(HARNESS, lines(row), "math_verify,strict-match").samples[0].correct is True
    del row["metrics"]  # as before it was written
    assert read(HARNESS, lines(row)).scorers == (
        "exact_match,strict-match",
        "math_verify,strict-match",
    )


def test_repeats_are_samples_and_a_grade_of_all_is_of_none() -> None:
    row = harness_row(resps=[["A 18", "B 17"]], filtered_resps=["18"])
    assert [(x.number, x.text, x.correct) for x in read(HARNESS, lines(row)).samples] == [
        (0, "A 18", None),
        (1, "B 17", None),
    ]
    row = harness_row(resps=[["A 18", "B 17"]], filtered_resps=["A 18"])
    assert [x.correct for x in read(HARNESS, lines(row)).samples] == [True, None]


@pytest.mark.parametrize(
    ("value", "correct", "score"),
    [
        (True, True, 1.0),
        (0, False, 0.0),
        (0.5, None, 0.5),
        (float("nan"), None, None),
        (["gold", ["guess"]], None, None),
    ],
)
def test_only_a_yes_or_a_no_is_a_grade(value: Any, correct: Any, score: Any) -> None:
    found = one(exact_match=value)
    assert (found.correct, found.score) == (correct, score)


def test_predictions_without_scores_are_replies_all_the_same() -> None:
    run = read(HARNESS, lines(harness_row(metrics=["bypass"], bypass=999)))
    assert (run.scorers, run.scored_by, run.samples[0].correct) == ((), "", None)


def test_thinking_is_told_from_the_answer() -> None:
    found = one(resps=[["<think>\nHm, 18?</think>\n\nIt is 18."]])
    assert (found.thinking, found.text) == ("Hm, 18?", "It is 18.")
    assert one(resps=[["Hm, 18?</think>It is 18."]]).text == "It is 18."


def test_chat_prompts_become_messages() -> None:
    chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What?"}]
    for prompt in ([json.dumps(chat)], json.dumps(chat)):
        found = one(arguments={"gen_args_0": {"arg_0": prompt, "arg_1": {}}})
        assert list(found.messages) == chat


def test_older_forms_are_read() -> None:
    row = harness_row(arguments=[["Q: What?", {"until": [], "do_sample": False}]])
    run = read("samples.json", json.dumps([row, harness_row(1)]).encode())
    assert run.samples[0].messages == ({"role": "user", "content": "Q: What?"},)
    assert (run.temperature, run.created, run.model) == (0.0, None, "")
    assert len(run.samples) == 2


def test_one_problem_that_is_there_twice_has_two_samples() -> None:
    data = lines(*(harness_row(at, doc=harness_row()["doc"]) for at in range(2)))
    assert [sample.number for sample in read(HARNESS, data).samples] == [0, 1]


@pytest.mark.parametrize(
    ("docs", "golds"),
    [
        ([{"choices": ["x", "y"], "answer": 1}, {"choices": ["y", "z"], "answer": 1}], ["B", "B"]),
        ([{"passage": f"Of {x}.", "answers": {"text": ["x"]}} for x in "ab"], ["x", "x"]),
    ],
)
def test_one_question_about_two_things_is_two_problems(docs: list[Any], golds: list[str]) -> None:
    asked = [harness_row(at, doc={"question": "Which?", **doc}) for at, doc in enumerate(docs)]
    found = read(HARNESS, lines(*asked)).samples
    assert len({one.problem.text for one in found}) == 2
    assert [one.number for one in found] == [0, 0]
    assert [one.problem.gold for one in found] == golds


def test_documents_nobody_knows_are_taken_from_the_prompt() -> None:
    run = read(HARNESS, lines(harness_row(doc={"goal": "x"}, target="18")))
    assert run.samples[0].problem == NewProblem(f"Q: {QUESTION} (0)\nA:", "18")
    assert "is that of the prompt" in run.notes[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "holds no replies"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"{broken", "line 1 is not readable JSON"),
        (lines(harness_row()) + b"{", "line 2 is not readable JSON"),
        (b'{"a": 1}', "line 1 is no sample of lm-evaluation-harness"),
        (b"[1, 2]", "line 1 is no sample"),
        (b"words", "line 1 is not readable JSON"),
        (b'{"results": {}, "configs": {}}', "holds results without replies"),
        (lines(harness_row(resps=[])), "has no replies in its resps"),
        (lines(harness_row(resps=[[["-1.2", "True"]]])), "likelihood of choices"),
        (lines(harness_row(resps=[["-1.2"], ["-3.4"]])), "likelihood of choices"),
        (lines(harness_row(doc={}, arguments=[["q" * 50_000]])), "problems that can be read"),
        (b"[" * 100_000, "is not readable JSON"),
        (b"PK\x03\x04rest", "inspect log convert"),
    ],
)
def test_bad_input_is_one_clear_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as raised:
        read(HARNESS, data)
    assert str(raised.value).startswith(HARNESS)


# Written


plain = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
words = plain.map(lambda text: f"Is {text.strip()}.").filter(lambda text: "think>" not in text)
counts = st.none() | st.integers(0, 10**6)
samples = st.builds(
    LoggedSample,
    problem=st.builds(
        NewProblem,
        words,
        st.none() | words,
        plain,
        st.dictionaries(st.sampled_from(["level", "numbers", "task"]), st.integers(), max_size=2),
    ),
    number=st.just(0),
    text=words,
    thinking=st.just("") | words,
    correct=st.none() | st.booleans(),
    finish=st.sampled_from([None, "stop", "length", "error"]),
    error=st.none() | plain,
    messages=st.lists(st.fixed_dictionaries({"role": words, "content": plain}), min_size=1).map(
        tuple
    ),
    score=st.none() | st.floats(0, 1),
    output_tokens=counts,
    reasoning_tokens=counts,
    input_tokens=counts,
    cached_tokens=counts,
    seconds=st.none() | st.floats(0, 1e6),
    price=st.none() | st.floats(0, 100),
)


def run_of(*found: LoggedSample) -> LoggedRun:
    return LoggedRun(
        tool="lm-evaluation-harness",
        model="org/small",
        task="t",
        created=None,
        scored_by="",
        scorers=(),
        samples=found,
        budget=512,
        temperature=0.6,
        top_p=None,
        seed=3,
        arm="by topic",
        kind="bci-topic",
    )


@settings(max_examples=20)
@given(st.lists(samples, min_size=1, max_size=4, unique_by=lambda one: one.problem.text))
def test_what_is_written_is_read_again(found: list[LoggedSample]) -> None:
    again = read("x/samples_t.jsonl", write_lm_eval(run_of(*found)).encode())
    assert (again.model, again.arm, again.kind) == ("org/small", "by topic", "bci-topic")
    assert (again.budget, again.temperature, again.top_p, again.seed) == (512, 0.6, None, 3)
    for before, after in zip(found, again.samples, strict=True):
        score = None if before.correct is None else before.score  # token F1
        assert {**vars(after), "score": None} == {**vars(before), "score": None}
        assert after.score == score


def test_it_is_written_as_the_tool_would() -> None:
    first = replace(read(HARNESS, lines(harness_row())).samples[0], score=None)
    second = LoggedSample(first.problem, 1, "No idea.", thinking="Hm.", correct=None)
    rows = [json.loads(line) for line in write_lm_eval(run_of(first, second)).splitlines()]
    assert [row["doc_id"] for row in rows] == [0, 0]
    asked = rows[0]
    assert asked["exact_match"] == 1.0
    assert (asked["metrics"], asked["filter"]) == (["exact_match"], "none")
    assert asked["resps"] == [[first.text]]
    assert asked["filtered_resps"] == ["18"]
    (prompt,) = asked["arguments"]["gen_args_0"]["arg_0"]
    assert json.loads(prompt) == list(first.messages)
    assert asked["prompt_hash"] == hashlib.sha256(prompt.encode()).hexdigest()
    assert asked["arguments"]["gen_args_0"]["arg_1"]["max_gen_toks"] == 512
    assert rows[1]["metrics"] == []
    assert "exact_match" not in rows[1]
    assert rows[1]["resps"] == [["<think>\nHm.</think>\n\nNo idea."]]
    assert rows[1]["filtered_resps"] == ["No idea."]


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]),
    st.just({}), st.just([["a"]]), st.just([[[1, 2]]]), st.just({"a": {"b": [1]}}),
    st.just("\ud800"),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*harness_row(), "vademecum"]), values, max_size=3))
def test_whatever_stands_in_a_line_it_is_read_or_refused(changed: dict[str, Any]) -> None:
    data = lines(harness_row(), {**harness_row(1), **changed})
    try:
        run = read(HARNESS, data)
    except BadInput as error:
        assert str(error).startswith(HARNESS)
    else:
        write_lm_eval(run).encode()
        assert run.samples
