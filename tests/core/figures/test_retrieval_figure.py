"""The effect of K: similarities by rank, with lines at what is asked for."""

import pytest

from core.figures.retrieval import effect_of_k


@pytest.mark.parametrize("similarities", [[], [0.9], [0.9, 0.5, 0.5, -0.1]])
@pytest.mark.parametrize("at_least", [0.0, 0.4])
def test_similarities_stand_by_rank_with_lines_at_what_is_asked_for(
    similarities: list[float], at_least: float
) -> None:
    figure = effect_of_k(similarities, 2, at_least)
    assert figure.to_json()
    (trace,) = figure.data
    assert list(trace.x) == list(range(1, len(similarities) + 1))
    assert list(trace.y) == similarities
    upright = [(line.x0, line.x1) for line in figure.layout.shapes if line.yref == "y domain"]
    level = [(line.y0, line.y1) for line in figure.layout.shapes if line.xref == "x domain"]
    assert upright == [(2.5, 2.5)]
    assert level == ([(0.4, 0.4)] if at_least else [])
