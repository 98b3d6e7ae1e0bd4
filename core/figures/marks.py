"""What arms and budgets look like in plots, here and in those that are drawn without plotly."""

from collections.abc import Iterable

# Of Okabe and Ito (2008), told apart also by those who see no red or no green.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#b0548a", "#c98a00", "#3f9bcf")
MARK, SMALLEST, LARGEST = 9, 8, 18  # pixels: where there is one budget; of the least and the most


def sizes_of(budgets: Iterable[int]) -> dict[int, float]:
    """How large the mark of each budget is, in even steps; the least first."""
    ordered = sorted(budgets)
    if len(ordered) < 2:
        return dict.fromkeys(ordered, MARK)
    step = (LARGEST - SMALLEST) / (len(ordered) - 1)
    return {budget: SMALLEST + at * step for at, budget in enumerate(ordered)}
