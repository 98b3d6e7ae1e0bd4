"""The database itself: its settings, its transactions, and what is said when it cannot open."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import BadInput, VademecumError
from core.store import Store, handbooks, jobs
from core.store import behaviors as behavior_rows
from tests.core.samples import add_behavior, add_handbook

WRITERS, STEPS = 4, 15


def _pragma(store: Store, name: str) -> object:
    with store.read() as session:
        return session.connection().exec_driver_sql(f"PRAGMA {name}").scalar_one()


def _slugs(store: Store) -> list[str]:
    with store.read() as session:
        return [handbook.slug for handbook in handbooks.handbooks(session=session)]


def test_sqlite_runs_in_wal_mode_with_foreign_keys(store: Store) -> None:
    assert _pragma(store, "journal_mode") == "wal"
    assert _pragma(store, "foreign_keys") == 1


def test_a_row_that_points_nowhere_is_refused(store: Store) -> None:
    with store.write() as session:
        handbook = add_handbook(session)
    with pytest.raises(IntegrityError), store.write() as session:
        add_behavior(session, replace(handbook, id=handbook.id + 1))
    with store.read() as session:
        assert behavior_rows.count_by_status(session=session) == {}


def test_an_exception_in_a_write_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        add_handbook(session)
        raise ZeroDivisionError
    assert _slugs(store) == []


def test_readers_see_the_last_commit_while_someone_writes(store: Store) -> None:
    with store.write() as session:
        add_handbook(session, "old")
    with store.write() as session:
        add_handbook(session, "new")
        session.flush()
        assert _slugs(store) == ["old"]
    assert _slugs(store) == ["new", "old"]


def test_a_second_writer_waits_for_the_first(store: Store) -> None:
    begun, ended = threading.Event(), threading.Event()

    def second() -> None:
        begun.set()
        with store.write() as session:
            add_handbook(session, "second")
        ended.set()

    with store.write() as session:
        add_handbook(session, "first")
        session.flush()
        thread = threading.Thread(target=second)
        thread.start()
        assert begun.wait(10)
        assert not ended.wait(0.2)  # it cannot end before this block does
    thread.join(30)
    assert ended.is_set()
    assert _slugs(store) == ["first", "second"]


def test_no_writer_works_on_an_old_reading(store: Store, home: Path) -> None:
    """Each writer reads a number and writes the next: with a late lock some steps would be lost."""
    other = Store.open(f"sqlite:///{home / 'vademecum.db'}")
    with store.write() as session:
        job = jobs.add_job(kind="count", by="tester", status="running", session=session)

    def count(own: Store) -> None:
        for _ in range(STEPS):
            with own.write() as session:
                done = jobs.job(job.id, session=session).done
                jobs.note_progress(job.id, done + 1, 0, "", session=session)

    threads = [
        threading.Thread(target=count, args=((store, other)[number % 2],))
        for number in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    with store.read() as session:
        assert jobs.job(job.id, session=session).done == WRITERS * STEPS


def test_several_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    start, problems = threading.Barrier(4), []

    def open_it() -> None:
        start.wait()
        try:
            Store.open(f"sqlite:///{tmp_path / 'new' / 'x.db'}").close()
        except Exception as error:  # noqa: BLE001  shown by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'er' / 'x.db'}"
    first = Store.open(url)
    with first.write() as session:
        add_handbook(session)
    first.close()
    second = Store.open(url)
    assert _slugs(second) == ["algebra"]
    second.close()


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite+nonsense:///x.db", "oracle17://x", "sqlite:////dev/null/x/y.db"]
)
def test_an_address_that_cannot_be_used_is_said(url: str) -> None:
    with pytest.raises(BadInput, match="address cannot be used"):
        Store.open(url)


def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a database. " * 100)
    with pytest.raises(VademecumError, match=r"notes\.txt cannot be .*: file is not a database"):
        Store.open(f"sqlite:///{path}")
    assert path.read_text() == "Not a database. " * 100


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(VademecumError, match="unable to open database file"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_password_stays_out_of_the_sentence() -> None:
    with pytest.raises(VademecumError) as caught:
        Store.open("postgresql://someone:s3cret@127.0.0.1:1/x")
    assert "s3cret" not in str(caught.value)
