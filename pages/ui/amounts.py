"""Numbers and times as people read them. What nobody measured is shown as unknown."""

from datetime import datetime

from core.store.records import Trace, now


def tokens(count: int | None) -> str:
    return "tokens unknown" if count is None else f"{count:,} tokens"


def seconds(duration: float | None) -> str:
    if duration is None:
        return "–"
    if duration < 60:
        return f"{duration:.1f} s"
    return f"{int(duration // 60)} min {int(duration % 60):02d} s"


def money(price: float | None) -> str:
    if price is None:
        return "cost unknown"
    return "no cost" if price == 0 else f"${price:.4f}"


def gigabytes(size: int | None) -> str:
    return "size known when it starts" if size is None else f"{size / 1e9:.2f} GB"


def age(time: datetime) -> str:
    elapsed = (now() - time).total_seconds()
    for limit, unit, name in ((90, 1, "s"), (5400, 60, "min"), (129_600, 3600, "h")):
        if elapsed < limit:
            return f"{max(0, round(elapsed / unit))} {name} ago"
    return f"{time:%d %b %Y}"


def speed(trace: Trace) -> str | None:
    """Output tokens a second after the first token; while it arrives, since its request."""
    if trace.output_tokens is None:
        return None
    tokens = trace.output_tokens
    if trace.seconds is not None:
        tokens, duration = tokens - 1, trace.seconds - (trace.first_token_seconds or 0)
    else:
        duration = (now() - trace.created).total_seconds()
    if duration <= 0 or tokens < 1:
        return None
    return f"{tokens / duration:.1f} tokens/s"
