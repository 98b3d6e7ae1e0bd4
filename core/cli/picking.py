"""Behaviors picked by hand, as a command names them."""

from core.app import App
from core.errors import BadInput
from core.handbook import shelf
from core.store import behaviors as behavior_rows


def picked(app: App, slug: str, text: str | None) -> tuple[int, ...]:
    """Of this handbook: numbers as they are, names by what is accepted under them."""
    wanted = [one.strip() for one in (text or "").split(",") if one.strip()]
    names = [one for one in wanted if not one.isdigit()]
    handbook = shelf.find(app.store, slug)
    with app.store.read() as session:
        known = behavior_rows.accepted_names(handbook.id, names, session=session)
    if unknown := [name for name in names if name not in known]:
        raise BadInput(f"This handbook has no accepted behavior {', '.join(unknown)}.")
    return tuple(int(one) if one.isdigit() else known[one] for one in wanted)
