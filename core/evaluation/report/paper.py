"""The paper's own figures, to stand beside ours where the problem set is the same.

Read off the figures of arXiv 2509.13237 (about 0.2 points and 20 tokens exact): accuracy in percent
and mean output tokens at each budget.
"""

import re
from typing import Any

_BUDGETS = (2_048, 4_096, 8_192, 16_384)
_R1, _QWEN = "DeepSeek-R1-Distill-Llama-70B", "Qwen3-32B"
# Set, model, arm, and at each budget the accuracy and the tokens.
_TABLE: tuple[tuple[str, str, str, tuple[tuple[float, int], ...]], ...] = (
    ("MATH-500", _R1, "plain", ((65.0, 1448), (79.8, 2006), (88.0, 2422), (90.5, 2663))),
    ("MATH-500", _R1, "bci", ((78.4, 1128), (86.6, 1336), (89.0, 1476), (89.8, 1530))),
    ("MATH-500", _QWEN, "plain", ((41.2, 1953), (71.5, 3078), (88.6, 4004), (94.4, 4525))),
    ("MATH-500", _QWEN, "bci", ((53.8, 1749), (80.2, 2432), (91.9, 2910), (94.5, 3180))),
    ("AIME-24", _R1, "plain", ((11.6, 2047), (30.7, 4023), (53.6, 6598), (68.4, 9543))),
    ("AIME-24", _R1, "bci", ((8.9, 2047), (31.7, 3843), (53.9, 6303), (71.9, 8479))),
)
WHOLE = {"MATH-500": 500, "AIME-24": 30}  # problems
_KNOWN_BY = {"MATH-500": r"math.?500", "AIME-24": r"aime.*(20)?24\b|aime.?24"}


def paper_rows(problem_set: str) -> list[dict[str, Any]]:
    """Those of the set of this name, or of a part of it; empty where the paper has none."""
    found = [
        name for name, pattern in _KNOWN_BY.items() if re.search(pattern, problem_set.casefold())
    ]
    return [
        {
            "set": name,
            "model": model,
            "arm": arm,
            "budget": budget,
            "accuracy": accuracy / 100,
            "output_tokens": tokens,
        }
        for name, model, arm, figures in _TABLE
        if name in found
        for budget, (accuracy, tokens) in zip(_BUDGETS, figures, strict=True)
    ]
