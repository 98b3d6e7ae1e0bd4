"""The report's page, read as a browser without scripts would."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.report.cases import MOST_FLIPS
from core.evaluation.report.page import page
from core.evaluation.report.plots import (
    COLORS,
    COLORS_ON_DARK,
    Axis,
    Reach,
    axis_over,
    curve_plot,
    interval_plot,
    nice_step,
)
from tests.core.evaluation.comparison.test_page import HOSTILE, Reader, digest
from tests.core.evaluation.report.documents import ARMS, document

FULL = document(arms=ARMS)


def read(made: dict[str, Any]) -> Reader:
    return Reader(page(made))


def classes(reader: Reader, tag: str) -> list[str]:
    return [str(one.get("class")) for one in reader.attributes(tag)]


def test_it_loads_nothing_and_runs_nothing() -> None:
    reader = read(FULL)
    loading = {"script", "link", "img", "iframe", "object", "base", "form"}
    assert not {tag for tag, _ in reader.found} & loading
    names = {name for _, attributes in reader.found for name in attributes}
    assert not names & {"src", "href", "style"}
    assert not any(name.startswith("on") for name in names)
    (policy,) = [one["content"] for one in reader.attributes("meta") if "http-equiv" in one]
    (style,) = reader.inside["style"]
    assert f"style-src 'sha256-{digest(style)}'" in str(policy)
    assert "default-src 'none'" in str(policy)
    assert "script-src" not in str(policy)
    assert len(page(FULL)) < 100_000


def test_it_tells_what_was_found() -> None:
    text = read(FULL).text
    for one in [*FULL["verdicts"], *FULL["contrast_verdicts"]]:
        assert one["sentence"] in text
    plain = FULL["arms"][1]
    low, high = plain["accuracy_interval"]
    assert f"plain 2,048 75.0% ({low:.1%} to {high:.1%})" in text
    assert "the paper, MATH-500 DeepSeek-R1-Distill-Llama-70B bci 78.4 @1,128" in text
    for heading in ("By topic", "By level", "Flips", "Leaks", "Failed", "Method", "Limits"):
        assert heading in text
    assert "The endpoint said 500." in text
    assert "8 problems show little." in text
    assert "at that the handbook is paid for after" in text
    assert "Competition mathematics (competition), step 3" in text
    assert "prompt solve abc123" in text


def test_each_flipped_problem_stands_there_once_with_its_traces() -> None:
    reader = read(FULL)
    flipped = {one["problem_id"] for one in FULL["flips"]}
    assert classes(reader, "div").count("flip") == len(flipped) > 2
    assert "won by bci-topic at 2,048: plain in trace 1; bci-topic in trace 101" in reader.text
    assert "lost by random at 2,048: plain in trace 8; random in trace 108" in reader.text
    assert "math" in {tag for tag, _ in reader.found}


def test_of_very_many_flips_some_are_left_to_the_export() -> None:
    made = document()
    made["flips"] = [{**made["flips"][0], "problem_id": at} for at in range(MOST_FLIPS + 5)]
    reader = read(made)
    assert classes(reader, "div").count("flip") == MOST_FLIPS
    assert "And 5 more problems" in reader.text


def test_an_arm_has_one_color_everywhere() -> None:
    text = page(FULL)
    for at, arm in enumerate(ARMS):
        marked = re.findall(rf'<g class="(arm-\d)"><title>[^<]*?{arm}', text)
        keys = re.findall(rf'class="(arm-\d)"[^>]*aria-hidden="true">[^/]*/></svg>{arm}<', text)
        assert set(marked) | set(keys) == {f"arm-{at}"}
        assert len(keys) >= 2


def test_every_point_is_drawn_with_its_interval_both_ways() -> None:
    plot = curve_plot(FULL["arms"], ARMS)
    assert plot.count('class="reach"') == 2 * len(FULL["arms"])
    assert plot.count('class="mark"') == len(FULL["arms"])
    assert "plain at 2,048: 75.0% (" in plot
    without = [{**one, "accuracy_interval": None} for one in FULL["arms"]]
    assert curve_plot(without, ARMS).count('class="reach"') == len(without)


def test_the_size_of_a_mark_says_its_budget_and_a_key_says_which() -> None:
    plot = curve_plot(FULL["arms"], ARMS)
    marks, key = (
        re.findall(rf'<circle class="{name}"[^>]* r="([^"]*)"', plot) for name in ("mark", "quiet")
    )
    assert marks == key[::-1]  # of the first arm: the large ones under the small ones
    assert sorted(set(key)) == sorted(key) != []
    for words in ("budget", "1,024", "2,048"):
        assert plot.count(f">{words}</text>") == 1
    assert ">budget</text>" not in curve_plot(FULL["arms"][1::2], ARMS)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (document(budgets=()), "Nothing has been measured yet."),
        (document(unknown=True), "There is no plot"),
        (document(arms=("plain",)), "plain 1,024 25.0%"),
        (document(of=""), "pasted problems"),
        (document(number=3), "pass@2"),
        ({**document(), "leaks": {}}, "Nobody looked for problems"),
        ({**document(), "status": "running", "note": "Half."}, "This run is running: 8 of 8"),
        ({**document(), "title": ""}, "Evaluation 7"),
    ],
)
def test_whatever_is_not_known_there_is_a_page(made: dict[str, Any], words: str) -> None:
    assert words in read(made).text


def test_what_nobody_measured_is_unknown() -> None:
    text = read(document(unknown=True)).text
    assert "plain 2,048 unknown unknown unknown" in text
    assert "no problem has its tokens counted in both" in text
    assert "None" not in text
    assert "nan" not in text


def test_many_verdicts_are_folded_but_for_the_largest_budget() -> None:
    made = document(arms=ARMS, budgets=(512, 1024, 2048))
    (fold,) = re.findall("Under smaller budgets</summary>(.*?)</details>", page(made), re.DOTALL)
    assert (fold.count("at 512"), fold.count("at 1,024"), fold.count("at 2,048")) == (2, 2, 0)


def hostile(value: Any) -> Any:
    """Every text in the document becomes hostile, keys and names that code goes by apart."""
    if isinstance(value, dict):
        kept = {"direction", "by"} if "direction" in value or "group" in value else {"status"}
        return {key: one if key in kept else hostile(one) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one) for one in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) else value


def test_no_text_gets_out() -> None:
    made = hostile(FULL)
    reader = read({**made, "prompts": {HOSTILE: HOSTILE}, "status": HOSTILE})
    assert {tag for tag, _ in reader.found} == {tag for tag, _ in read(FULL).found}
    assert len(reader.inside["style"]) == 1
    names = {name for _, attributes in reader.found for name in attributes}
    assert not any(name.startswith("on") for name in names)
    assert reader.text.count("alert(1)") > 50


@given(st.text(max_size=60))
def test_any_text_may_be_an_arm(label: str) -> None:
    renamed = json.loads(json.dumps(SMALL).replace('"plain"', json.dumps(label)))
    text = page(renamed)
    text.encode()
    assert {tag for tag, _ in Reader(text).found} <= TAGS


SMALL = document(arms=ARMS[:2], budgets=(2048,), problems=4)
TAGS = {tag for tag, _ in read(FULL).found}


# The plots themselves


numbers = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda one: round(one, 4))


@given(st.lists(numbers, min_size=1, max_size=8))
def test_an_axis_holds_its_values_and_says_where_it_is(values: list[float]) -> None:
    axis = axis_over(values, 60, 700)
    assert all(60 <= axis.at(one) <= 700 for one in values)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 10
    assert ticks == sorted(ticks)
    assert all(59 <= axis.at(tick) <= 701 for tick in ticks)
    if min(values) >= 0:
        assert axis.low >= 0


@given(st.lists(st.integers(0, 1000), min_size=1).map(lambda ones: [one / 1000 for one in ones]))
def test_no_axis_of_shares_goes_beyond_one(shares: list[float]) -> None:
    axis = axis_over(shares, 400, 20, most=1.0)
    assert 0 <= axis.low < axis.high <= 1


@pytest.mark.parametrize(
    ("least", "step"), [(1, 1), (1.1, 2), (3, 5), (7, 10), (0.03, 0.05), (240, 500), (0.1, 0.1)]
)
def test_steps_are_round(least: float, step: float) -> None:
    assert nice_step(least) == pytest.approx(step)


def test_an_axis_begins_at_nothing_where_that_wastes_little() -> None:
    assert axis_over([300, 1000], 0, 1).low == 0
    assert axis_over([900, 1000], 0, 1).low > 800
    assert Axis(0, 10, 60, 160).at(5) == 110


def test_rows_without_a_value_are_left_out_of_a_plot() -> None:
    told: Callable[[float], str] = str
    rows = [Reach("a", "plain", None, None, "a"), Reach("b", "plain", 0.2, None, "b")]
    plot = interval_plot(rows, ["plain"], "title", told, 0.0)
    assert ">b</text>" in plot
    assert ">a</text>" not in plot
    assert plot.count('class="zero"') == 1
    assert not interval_plot(rows[:1], ["plain"], "title", told)


def test_there_are_as_many_colors_on_the_dark() -> None:
    assert len(set(COLORS)) == len(COLORS) == len(set(COLORS_ON_DARK))
