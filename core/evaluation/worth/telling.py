"""Effects in words: how large, in which direction, and between which bounds."""

from typing import Literal

from core.evaluation.statistics.worth.effects import Effect, Worth

Standing = Literal["helps", "harms", "helps and harms", "no effect shown"]


def standing(worth: Worth) -> Standing:
    """What an experiment shows of a behavior: fewer tokens and more right answers help."""
    shown = [effect.size for effect in (worth.right,) if effect and effect.shown]
    shown += [-effect.size for effect in (worth.tokens,) if effect and effect.shown]
    helps, harms = any(size > 0 for size in shown), any(size < 0 for size in shown)
    if helps and harms:
        return "helps and harms"
    return "helps" if helps else "harms" if harms else "no effect shown"


def tokens_told(effect: Effect) -> str:
    """Such as: 18% more output tokens (95% interval +7% to +30%)."""
    return f"{_amount(effect.size, '%')} output tokens ({_interval(effect, '%')})"


def right_told(effect: Effect) -> str:
    """Such as: 9 points fewer right answers (95% interval -15 to -3 points)."""
    return f"{_amount(effect.size, ' points')} right answers ({_interval(effect, '')} points)"


def counted(number: int, one: str, many: str = "") -> str:
    """Such as: 1 problem, 2 problems."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _amount(size: float, unit: str) -> str:
    shown = round(abs(size) * 100)
    if shown == 0:
        return "as many"
    unit = " point" if (shown, unit) == (1, " points") else unit
    return f"{shown}{unit} {'more' if size > 0 else 'fewer'}"


def _interval(effect: Effect, unit: str) -> str:
    low, high = (f"{_signed(end)}{unit}" for end in effect.interval)
    return f"95% interval {low} to {high}"


def _signed(end: float) -> str:
    whole = round(end * 100)
    return f"{whole:+}" if whole else "0"
