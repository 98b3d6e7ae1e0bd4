"""Two programs on one database: no update is lost, none silently overwritten."""

import random
import threading
from collections.abc import Callable
from typing import Any

from core.errors import BadInput, Conflict
from core.handbook import checking, curation, merging, undo
from core.handbook.curation import Draft
from core.settings import Settings
from core.store import Store, history
from core.store.records import Behavior
from tests.core.handbook.curators import Curator

ROUNDS = 200


class Program:
    """One of two: its own connection, its own chance, its own account of what it managed to do."""

    def __init__(self, url: str, by: str, behavior_id: int, seed: int):
        self.store = Store.open(url)
        self.by = by
        self.id = behavior_id
        self.chance = random.Random(seed)
        self.done: list[tuple[int, dict[str, Any]]] = []
        self.refused = 0

    def run(self, turn: threading.Barrier) -> None:
        for number in range(ROUNDS):
            seen = curation.look_up(self.store, self.id)
            if self.chance.random() < 0.7:
                turn.wait()  # both have seen the same now
            self._try(seen, number)
            if self.chance.random() < 0.2:
                self._try(seen, number)  # with what it saw before its own write

    def _try(self, seen: Behavior, number: int) -> None:
        act, changes = self._deed(seen, f"{self.by} {number}.")
        try:
            after = act()
        except Conflict:
            self.refused += 1
        else:
            if after.version != seen.version:
                self.done.append((after.version, changes))

    def _deed(self, seen: Behavior, text: str) -> tuple[Callable[[], Behavior], dict[str, Any]]:
        about: dict[str, Any] = {"version": seen.version, "by": self.by}
        changes: dict[str, Any] = {"instruction": text}
        deed = self.chance.choice(["edit", "edit", "accept", "reject", "reopen", "edit_and_accept"])
        if deed in ("edit", "edit_and_accept"):
            change = getattr(curation, deed)
            also = {"status": "accepted"} if deed == "edit_and_accept" else {}
            return lambda: change(self.store, self.id, changes, **about), {**changes, **also}
        decide = getattr(curation, deed)
        status = {"accept": "accepted", "reject": "rejected", "reopen": "proposed"}[deed]
        return lambda: decide(self.store, self.id, **about), {"status": status}


def test_two_programs_decide_on_one_behavior(settings: Settings) -> None:
    store = Store.open(settings.database_url)
    book = Curator(store)
    with store.write() as session:
        draft = Draft("behavior_a", "Do a.")
        (made,) = curation.propose(book.id, [draft], by="a-model", session=session)
    programs = [Program(settings.database_url, by, made.id, seed) for seed, by in enumerate("xy")]
    _run(programs)
    final = curation.look_up(store, made.id)
    done = sorted((entry for program in programs for entry in program.done), key=lambda one: one[0])
    assert [version for version, _ in done] == list(range(2, final.version + 1))
    assert all(program.refused and program.done for program in programs)
    assert sum(program.refused + len(program.done) for program in programs) > ROUNDS
    # The history has every success, in its order, and nothing else.
    with store.read() as session:
        (_, *lines) = history.history_of_behavior(made.id, session=session)
    steps: dict[int, dict[str, Any]] = {}
    for step, operation in lines:
        steps.setdefault(step.number, {}).update(operation.after)
    assert len(steps) == len(done)
    for (_version, wanted), written in zip(done, steps.values(), strict=True):
        assert written.items() <= wanted.items()
    last_text = [text for _, changes in done if (text := changes.get("instruction"))][-1]
    last_status = [status for _, changes in done if (status := changes.get("status"))][-1]
    assert (final.instruction, final.status) == (last_text, last_status)
    assert checking.check(store, "book") == []
    store.close()


def _run(programs: list[Program]) -> None:
    """Each in a thread of its own; a program that failed makes the test fail, not wait."""
    turn = threading.Barrier(len(programs))
    errors: list[BaseException] = []

    def work(program: Program) -> None:
        try:
            program.run(turn)
        except threading.BrokenBarrierError:
            pass  # the other one has come to its end
        except BaseException as error:  # noqa: BLE001
            errors.append(error)
        finally:
            turn.abort()
            program.store.close()

    threads = [threading.Thread(target=work, args=[program]) for program in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not errors
    assert not any(thread.is_alive() for thread in threads)


def test_curators_at_work_on_many_leave_a_sound_handbook(settings: Settings) -> None:
    """Bulk decisions, merges, splits and undos of three, all at once."""
    store = Store.open(settings.database_url)
    book = Curator(store)
    with store.write() as session:
        drafts = [Draft(f"behavior_{index % 7}", f"Do {index}.") for index in range(20)]
        made = curation.propose(book.id, drafts, by="a-model", session=session)
    ids = [behavior.id for behavior in made]
    unexpected: list[BaseException] = []

    def work(by: str, seed: int) -> None:
        mine, chance = Store.open(settings.database_url), random.Random(seed)
        for _ in range(40):
            some = chance.sample(ids, 4)
            seen = {number: curation.look_up(mine, number).version for number in some}
            deed = chance.choice(["accept", "reject", "merge", "split", "undo"])
            try:
                if deed in ("accept", "reject"):
                    curation.decide_many(mine, book.id, deed, seen, by=by)  # type: ignore[arg-type]
                elif deed == "merge":
                    merging.merge(mine, seen, into=some[0], text={}, by=by)
                elif deed == "split":
                    merging.split(mine, some, by=by)
                else:
                    undo.undo(mine, book.id, by=by)
            except (Conflict, BadInput):
                pass
            except BaseException as error:  # noqa: BLE001
                unexpected.append(error)
        mine.close()

    threads = [threading.Thread(target=work, args=[by, seed]) for seed, by in enumerate("xyz")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert unexpected == []
    assert book.number() > 20
    assert checking.check(store, "book") == []
    store.close()
