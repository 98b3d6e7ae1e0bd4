"""An evaluation of thousands of replies whose process is killed, and resumed.

    python -m tests.benchmarks.killed [REPLIES]

The endpoint is the tests' own server. Printed is how many replies were kept when the process was
killed, how many of those were asked for again (there must be none), and how many were in flight.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.fake_openai import FakeOpenAI, Reply, Worded, counted
from tests.live.killed import ARMS, evaluate_killed, shell

AT_A_TIME = 32


def answer(body: dict[str, Any]) -> Reply:
    return counted(body, Worded("It is so. \\boxed{4}"))


def main(replies: int) -> None:
    with tempfile.TemporaryDirectory() as folder, FakeOpenAI(answer) as fake:
        os.environ["VADEMECUM_HOME"] = folder
        added = ("--base-url", fake.base_url, "--model", "fake-model", "--concurrency", AT_A_TIME)
        shell("models", "add", "fake", *added)
        begun = time.monotonic()
        found = evaluate_killed(fake, Path(folder), replies // len(ARMS), replies // 2)
        print(f"{len(found.asked):,} replies in {time.monotonic() - begun:.0f} s, killed once:")
        print(f"  {len(found.finished):,} were kept then")
        print(f"  {len(found.repeated):,} of these were asked for again")
        print(f"  {len(found.in_flight):,} were in flight, {AT_A_TIME} at a time")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
