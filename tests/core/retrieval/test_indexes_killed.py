"""A program that is killed while it writes an index leaves one that can be used."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.handbook import curation
from core.handbook.curation import Draft
from core.retrieval.indexes import Indexes
from core.retrieval.vectors import Vectors
from core.settings import Settings
from core.store import Store
from tests.core.handbook.curators import Curator
from tests.core.retrieval.counting import CountingEmbedder
from tests.core.retrieval.test_indexes import check_in_step

PROJECT = Path(__file__).parents[3]
KILLS = 8
# Wide vectors, so that most of the time goes into writing.
WIDE = 512
WRITES = """
import sys
from pathlib import Path
from core.retrieval import index_file
from core.retrieval.indexes import Indexes
from core.retrieval.vectors import Vectors
from core.store import Store
from tests.core.retrieval.counting import CountingEmbedder

url, folder, book = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
indexes = Indexes(Store.open(url), Vectors(Store.open(url), CountingEmbedder("wide", 512)), folder)
indexes.contents(book)
path = folder / f"{book}-wide.npz"
index, digests = index_file.read(path, 512)
print("begun", flush=True)
while True:
    index_file.write(path, index, digests)
"""


def _write_until_killed(settings: Settings, folder: Path, book: int, seconds: float) -> int:
    """A child of its own that writes the index again and again, for so long; its number."""
    command = [sys.executable, "-c", WRITES, settings.database_url, str(folder), str(book)]
    child = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    with child.stdout:
        assert child.stdout.readline() == "begun\n"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
    assert child.wait(20) == -signal.SIGKILL
    return child.pid


@pytest.mark.timeout(120)
def test_whenever_a_writer_is_killed_the_index_is_right(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    chance, folder, ann = random.Random(3), tmp_path / "indexes", Curator(store)
    with store.write() as session:
        drafts = [Draft(f"behavior_n{n}", f"Do it {n} times.") for n in range(2_000)]
        made = curation.propose(ann.id, drafts, by="m", session=session)
    seen = {one.id: one.version for one in made}
    curation.decide_many(store, ann.id, "accept", seen, by="ann")
    half_written = 0
    for kill in range(KILLS):
        pid = _write_until_killed(settings, folder, ann.id, chance.uniform(0, 0.15))
        half_written += any(folder.glob(f"*.{pid}.tmp"))
        curation.write(store, ann.id, Draft(f"behavior_a{kill}", f"Do {kill}."), by="ann")
        embedder = CountingEmbedder("wide", WIDE)
        check_in_step(Indexes(store, Vectors(store, embedder), folder), ann, embedder)
        assert [path.name for path in folder.iterdir()] == [f"{ann.id}-wide.npz"]
        assert sum(embedder.calls) == 1  # the rest is kept
    assert half_written  # or no kill came at a bad moment, and nothing was tested
