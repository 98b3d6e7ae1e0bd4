"""Desks: what each curator has open now."""

from datetime import timedelta

from core.store import Store
from core.store.desks import OPEN_FOR, open_at, put_on_desk
from core.store.records import now
from core.store.tables import DeskRow
from tests.core.samples import add_behavior, add_handbook


def test_a_desk_holds_one_behavior_and_is_cleared_by_time(store: Store) -> None:
    with store.write() as session:
        book = add_handbook(session)
        first, second = (add_behavior(session, book).id for _ in range(2))
        put_on_desk(first, by="ann", session=session)
        put_on_desk(first, by="bob", session=session)
    with store.read() as session:
        assert open_at([first, second], session=session) == {first: ["ann", "bob"]}
    with store.write() as session:
        put_on_desk(second, by="ann", session=session)
    with store.read() as session:
        assert open_at([first, second], session=session) == {first: ["bob"], second: ["ann"]}
        assert open_at([second], session=session) == {second: ["ann"]}
    with store.write() as session:
        session.get(DeskRow, "bob").at = now() - OPEN_FOR - timedelta(seconds=1)
    with store.read() as session:
        assert open_at([first, second], session=session) == {second: ["ann"]}
