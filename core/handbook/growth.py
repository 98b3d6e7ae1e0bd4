"""How a handbook came to be what it is: numbers for its summary, read from the history."""

from collections.abc import Iterator
from datetime import datetime

from core.store import Store, filters, history
from core.store import runs as run_rows

MOST_POINTS = 600
BY_HAND = "by hand or imported"
NO_TOPIC = "without a topic"
MOST_GROUPS = 20

Point = tuple[datetime, int, int, int]


def composition(store: Store, handbook_id: int, column: str) -> dict[str, dict[str, int]]:
    """Topic or source model -> status -> number; the smallest groups together as `others`."""
    empty = NO_TOPIC if column == "topic" else BY_HAND
    with store.read() as session:
        found = filters.crossed(handbook_id, column, session=session)
    counts: dict[str, dict[str, int]] = {}
    for value, status, number in found:
        counts.setdefault(value or empty, {})[status] = number
    largest = sorted(counts, key=lambda group: -sum(counts[group].values()))
    for group in largest[MOST_GROUPS:]:
        others = counts.setdefault("others", {})
        for status, number in counts.pop(group).items():
            others[status] = others.get(status, 0) + number
    return counts


def growth(store: Store, handbook_id: int) -> list[Point]:
    """(when, accepted, proposed in all, traces read) over time, thinned out to a few hundred."""
    with store.read() as session:
        moves = history.status_moves(handbook_id, session=session)
        read = run_rows.times_of_extractions(handbook_id, session=session)
    points = list(_points(moves, read))
    every = max(1, len(points) // MOST_POINTS)
    return points[::every] + (points[-1:] if points and (len(points) - 1) % every else [])


def _points(moves: list[tuple[datetime, str | None, str]], read: list[datetime]) -> Iterator[Point]:
    accepted = proposed = traces = 0
    for when, before, after in moves:
        while traces < len(read) and read[traces] <= when:
            traces += 1
        accepted += (after == "accepted") - (before == "accepted")
        proposed += before is None and after == "proposed"
        yield when, accepted, proposed, traces
