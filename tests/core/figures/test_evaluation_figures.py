"""Figures of an evaluation: every row is drawn where it belongs, and nothing that is unknown."""

import html
from typing import Any

import plotly.graph_objects as go
import pytest

from core.evaluation.report import plots
from core.figures.evaluation import (
    COLORS,
    GREY,
    LEGEND_ROW,
    SYMBOLS,
    TITLES,
    TOOLBAR,
    curve_figure,
    groups_figure,
    pairs_figure,
)
from core.figures.worth import BETTER, WORSE, effects_figure, ledger_figure
from tests.core.evaluation.report.documents import ARMS, document

FULL = document(arms=ARMS)
EMPTY = document(budgets=())
UNKNOWN = document(unknown=True)
HOSTILE = "<b onclick='x()'>arm</b>"


def traces(figure: go.Figure) -> dict[str, Any]:
    assert figure.to_json()
    return {trace.name: trace for trace in figure.data}


def test_a_line_for_each_arm_with_intervals_both_ways() -> None:
    found = traces(curve_figure(FULL["arms"], ARMS))
    assert tuple(found) == (*ARMS, "1,024", "2,048")
    first = FULL["arms"][1]
    plain = found["plain"]
    assert (plain.x[0], plain.y[0]) == (first["output_tokens"], first["accuracy"])
    assert plain.y[0] + plain.error_y.array[0] == pytest.approx(first["accuracy_interval"][1])
    low = first["output_tokens_interval"][0]
    assert plain.x[0] - plain.error_x.arrayminus[0] == pytest.approx(low)
    assert [list(one) for one in plain.customdata] == [["plain", 2048], ["plain", 1024]]


def test_the_size_of_a_point_says_its_budget_and_no_words_lie_on_others() -> None:
    figure = curve_figure(FULL["arms"], ARMS)
    found = traces(figure)
    sizes = {found[name].marker.size for name in ("2,048", "1,024")}
    for arm in ARMS:  # the large ones under the small ones
        assert list(found[arm].marker.size) == sorted(sizes, reverse=True)
    assert not any(trace.text for trace in figure.data)
    assert {found["1,024"].legend, found["plain"].legend} == {"legend2", None}
    of_one = document(arms=ARMS, budgets=(2048,))
    assert tuple(traces(curve_figure(of_one["arms"], ARMS))) == ARMS


def test_the_legend_lies_under_the_buttons_and_takes_nothing_from_the_plot() -> None:
    names = [f"bci-embedding:made-raw-{at}" for at in range(8)]
    few, many = (document(arms=arms, budgets=(2048,)) for arms in (names[:1], names))
    for draw, part in ((curve_figure, "arms"), (groups_figure, "groups")):
        small, large = draw(few[part], names), draw(many[part][:8], names)
        for figure in (small, large):
            legend = figure.layout.legend
            assert (legend.yref, legend.yanchor) == ("container", "top")
            assert figure.layout.height * (1 - legend.y) == pytest.approx(TOOLBAR)
        assert large.layout.height >= small.layout.height + 3 * LEGEND_ROW


def test_titles_of_panels_have_lines_short_enough_for_half_a_narrow_screen() -> None:
    figure = pairs_figure(FULL["pairs"], ARMS)
    lines = [line for title in figure.layout.annotations for line in title.text.split("<br>")]
    assert len(lines) == 4
    assert max(map(len, lines)) <= 20
    assert figure.layout.margin.t == TOOLBAR + TITLES


def test_every_symbol_is_drawn_filled() -> None:
    """Plotly shows nothing of a symbol that is a mere line."""
    assert not [symbol for symbol in SYMBOLS if "line" in symbol]
    assert len(SYMBOLS) == len(plots.SHAPES)


def test_the_papers_points_are_grey_and_marked_as_its_own() -> None:
    figure = curve_figure(FULL["arms"], ARMS, FULL["paper"])
    names = [name for name in traces(figure) if name.startswith("the paper: ")]
    assert len(names) == 4
    assert {trace.line.color for trace in figure.data if trace.name in names} == {GREY}
    assert len(curve_figure(FULL["arms"], ARMS).data) == len(figure.data) - 4


def test_an_arm_keeps_its_color_where_others_are_missing() -> None:
    one = curve_figure(FULL["arms"][2:4], ARMS).data[0]
    pairs = traces(pairs_figure(FULL["pairs"], ARMS))
    assert one.line.color == pairs["bci-topic"].marker.color == COLORS[1]
    assert tuple(plots.COLORS) == COLORS  # the page's own


def test_one_arm_alone_is_named_too() -> None:
    """Plotly leaves the legend out where there is one trace."""
    alone = [one for one in FULL["arms"] if one["arm"] == "plain"]
    groups = [one for one in FULL["groups"] if one["arm"] == "plain"]
    for figure in (curve_figure(alone, ARMS), groups_figure(groups, ARMS, groups[0]["by"])):
        assert [trace.name for trace in figure.data if not trace.legend] == ["plain"]
        assert figure.layout.showlegend


def test_pairs_are_two_panels_of_the_same_rows() -> None:
    figure = pairs_figure(FULL["pairs"], ARMS)
    by_panel = {"x": "accuracy_difference", "x2": "token_ratio"}
    assert len(figure.data) == 4
    for trace in figure.data:
        name, scale = by_panel[trace.xaxis], 100 if trace.xaxis == "x" else 1
        own = [one for one in FULL["pairs"] if one["arm"] == trace.name]
        assert list(trace.x) == pytest.approx([one[name] * scale for one in own])
        assert list(trace.y) == [f"{trace.name} at 1,024", f"{trace.name} at 2,048"]
    assert [line.x0 for line in figure.layout.shapes] == [0, 1]
    assert figure.layout.yaxis.categoryarray[-1] == "bci-topic at 1,024"


def test_groups_are_those_asked_for() -> None:
    topics = traces(groups_figure(FULL["groups"], ARMS))
    assert tuple(topics) == ARMS
    assert list(topics["plain"].y) == ["Algebra", "Geometry"]
    assert list(traces(groups_figure(FULL["groups"], ARMS, "level"))["plain"].y) == ["1", "2", "3"]


def effect(size: float, p: float = 0.01) -> dict[str, Any]:
    return {"size": size, "interval": [size - 0.1, size + 0.1], "p": p, "corrected_p": p}


def worth(name: str, tokens: Any, right: Any = None) -> dict[str, Any]:
    return {"behavior": name, "tokens": tokens, "right": right}


def test_behaviors_are_sorted_by_what_they_save() -> None:
    rows = [
        worth("behavior_neutral", effect(0.01, 0.9), effect(0.0, 0.9)),
        worth("behavior_long", effect(0.3), effect(-0.2)),
        worth("behavior_short", effect(-0.4), effect(0.1, 0.4)),
        worth("behavior_unknown", None),
    ]
    figure = effects_figure(rows)
    tokens, right = figure.data
    assert list(tokens.y) == ["behavior_short", "behavior_neutral", "behavior_long"]
    assert list(tokens.x) == pytest.approx([-40, 1, 30])
    assert list(tokens.marker.color) == [BETTER, GREY, WORSE]
    assert list(right.marker.color) == [GREY, GREY, WORSE]
    assert figure.layout.yaxis.categoryarray[-1] == "behavior_short"


def test_of_many_behaviors_the_largest_effects_are_drawn() -> None:
    rows = [worth(f"behavior_{at}", effect((-1) ** at * at / 100)) for at in range(50)]
    (drawn,) = effects_figure(rows, most=10).data
    assert set(drawn.y) == {f"behavior_{at}" for at in range(40, 50)}
    assert list(drawn.x) == sorted(drawn.x)


def test_the_balance_crosses_nothing_where_the_handbook_has_paid() -> None:
    ledger = FULL["ledger"]
    for in_tokens, name in ((True, "problems_to_pay_in_tokens"), (False, "problems_to_pay")):
        found = traces(ledger_figure(ledger, ARMS, in_tokens))
        assert len(found) == 2
        for entry in ledger["entries"]:
            line = found[entry["arm"]]
            slope = (line.y[1] - line.y[0]) / line.x[1]
            assert line.y[0] + slope * entry[name] == pytest.approx(0, abs=1e-6)


def test_who_uses_no_handbook_begins_at_nothing() -> None:
    entries = [{**one, "uses_handbook": False} for one in FULL["ledger"]["entries"]]
    found = traces(ledger_figure({**FULL["ledger"], "entries": entries}, ARMS))
    assert [line.y[0] for line in found.values()] == [0, 0]


def test_each_arm_begins_with_what_its_own_handbook_took() -> None:
    first, second = FULL["ledger"]["entries"]
    entries = [first, {**second, "making_price": 7.0}]
    found = traces(ledger_figure({**FULL["ledger"], "entries": entries}, ARMS))
    assert [line.y[0] for line in found.values()] == [-2.5, -7.0]


def test_a_balance_that_nobody_knows_is_not_drawn() -> None:
    entries = [{**one, "making_price": None} for one in FULL["ledger"]["entries"]]
    assert not ledger_figure({**FULL["ledger"], "entries": entries}, ARMS).data
    assert not ledger_figure(EMPTY["ledger"], ARMS).data


@pytest.mark.parametrize("made", [EMPTY, UNKNOWN])
def test_of_nothing_there_is_an_empty_figure(made: dict[str, Any]) -> None:
    for figure in (
        curve_figure(made["arms"], ARMS),
        pairs_figure(made["pairs"], ARMS),
        groups_figure(made["groups"], ARMS),
        effects_figure([]),
    ):
        assert figure.to_json()
        assert not figure.data


def test_without_intervals_there_are_points_all_the_same() -> None:
    rows = [{**one, "accuracy_interval": None} for one in FULL["arms"]]
    plain = traces(curve_figure(rows, ARMS))["plain"]
    assert list(plain.error_y.array) == [None, None]
    assert len(plain.y) == 2


def test_an_interval_beside_its_value_reaches_nowhere_backwards() -> None:
    """Of shares near 1 the interval may leave the value out."""
    rows = [{**FULL["arms"][0], "accuracy": 1.0, "accuracy_interval": [0.4, 0.99]}]
    plain = traces(curve_figure(rows, ARMS))["plain"]
    assert (plain.error_y.array[0], plain.error_y.arrayminus[0]) == (0, pytest.approx(0.6))


def test_texts_are_escaped() -> None:
    arms = [HOSTILE, "bci"]
    made = document(arms=arms)
    groups = [{**one, "group": HOSTILE} for one in made["groups"]]
    figures = [
        curve_figure(made["arms"], arms, [{**one, "model": HOSTILE} for one in made["paper"]]),
        pairs_figure([{**one, "arm": HOSTILE} for one in made["pairs"]], arms),
        groups_figure(groups, arms),
        effects_figure([worth(HOSTILE, effect(0.1))]),
        ledger_figure(
            {
                **made["ledger"],
                "entries": [{**one, "arm": HOSTILE} for one in made["ledger"]["entries"]],
            },
            arms,
        ),
    ]
    for figure in figures:
        told = [trace.name or "" for trace in figure.data]
        told += [str(text) for trace in figure.data for text in (trace.y or ())]
        assert not any("<" in text for text in told)
        assert any(html.escape(HOSTILE) in text for text in told)
