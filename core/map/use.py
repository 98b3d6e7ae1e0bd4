"""How often behaviors are named in traces."""

import re
from collections import Counter

from core.store import Store
from core.store import behaviors as rows
from core.store import runs as run_rows

NAME = re.compile(r"(?<![A-Za-z0-9_])behavior_[a-z0-9]+(?:_[a-z0-9]+)*")


def times_named(store: Store, handbook_id: int) -> dict[int, int]:
    """Behavior id -> how many traces of its handbook's runs name it, extractions aside.

    A name that several behaviors have counts for the accepted one, else for all of them.
    """
    with store.read() as session:
        counts: Counter[str] = Counter()
        for text in run_rows.texts_of_handbook(handbook_id, session=session):
            counts.update(set(NAME.findall(text)))
        accepted = rows.accepted_names(handbook_id, counts, session=session)
        found = rows.values(handbook_id, ("id", "name"), ("proposed", "rejected"), session=session)
    times = {number: counts[name] for name, number in accepted.items()}
    others = {number: counts[name] for number, name in found if name not in accepted}
    return times | {number: count for number, count in others.items() if count}
