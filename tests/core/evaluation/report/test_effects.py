"""The worth of behaviors on the report's page."""

from typing import Any

import pytest

from core.evaluation.report.effects import by_effect, change, does, effects


def behavior(name: str, tokens: float | None) -> dict[str, Any]:
    known = {"size": tokens, "interval": (-0.1, 0.1), "corrected_p": 0.5}
    return {
        "name": name,
        "standing": "no effect shown",
        "tokens": None if tokens is None else known,
        "right": None,
        "given": 4,
        "left_out": 4,
        "problems": 2,
    }


def test_what_is_unknown_is_not_measurable_and_comes_last_in_a_fold() -> None:
    told = by_effect([behavior("a_rare", None), behavior("usual", 0.02)])
    assert [(one["name"], does(one)) for one in told] == [
        ("usual", "no effect shown"),
        ("a_rare", "not measurable"),
    ]
    page = "".join(effects({"worth": [{"sentences": ["So it was."], "behaviors": told}]}))
    shown, folded = page.split("<details><summary>Behaviors not measurable: 1</summary>")
    assert "usual" in shown and "a_rare" not in shown
    assert "a_rare" in folded and "no effect shown" not in folded


def test_where_nothing_is_known_no_empty_table_stands() -> None:
    found = {"sentences": [], "behaviors": [behavior("a_rare", None)]}
    assert "corrected p" not in "".join(effects({"worth": [found]}))


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.004, "0%"), (-0.004, "0%"), (0.0, "0%"), (-0.2, "-20%"), (0.12, "+12%"), (None, "unknown")],
)
def test_a_change_of_nothing_has_no_sign(share: float | None, told: str) -> None:
    assert change(share) == told
