"""A command in a process of its own, killed in the middle: what the tests and a benchmark share."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.settings import Settings
from core.store import Store, outcomes
from core.store import jobs as job_rows
from core.store import runs as run_rows
from tests.fake_openai import FakeOpenAI, prompt_of, wait_until

PROJECT = Path(__file__).parents[2]
ARMS = ("plain", "concise")
HEAD = "What is "


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "core", *map(str, arguments)]


def shell(*arguments: object, seconds: float = 280) -> Any:
    """The document a command prints; it has to end well."""
    ended = subprocess.run(
        command(*arguments),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout) if "--json" in arguments else None


def start_and_kill(fake: FakeOpenAI, after: int, *arguments: object) -> None:
    """Lets a process of its own work, and kills it when it has sent so many requests."""
    process = subprocess.Popen(
        command(*arguments),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: len(fake.requests) >= after, seconds=600)
    finally:
        process.kill()
        process.wait(timeout=60)
    wait_until(lambda: fake.in_flight == 0)


@dataclass(frozen=True)
class Resumed:
    """`finished` are the replies that were kept when the process was killed, `asked` how often each
    was asked for in the end. A reply is (arm, problem).
    """

    finished: frozenset[tuple[str, str]]
    asked: Counter[tuple[str, str]]
    report: dict[str, Any]

    @property
    def in_flight(self) -> set[tuple[str, str]]:
        """Asked for again, because no answer to them was kept."""
        return {one for one, times in self.asked.items() if times > 1} - self.finished

    @property
    def repeated(self) -> set[tuple[str, str]]:
        """Asked for again although they were kept: there must be none."""
        return {one for one, times in self.asked.items() if times > 1} & self.finished


def evaluate_killed(fake: FakeOpenAI, folder: Path, problems: int, after: int) -> Resumed:
    """An evaluation of two arms on an endpoint known as `fake`, killed and resumed."""
    path = folder / "many.jsonl"
    rows = [{"problem": f"{HEAD}{n} plus {n}?", "answer": str(2 * n)} for n in range(problems)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    shell("handbook", "new", "notes")
    options = ("--problems", path, "--handbook", "notes", "--model", "fake", "--budgets", 64)
    start_and_kill(fake, after, "evaluate", *options, "--arms", ",".join(ARMS), "--json")
    run, finished = _finished()
    report = shell("evaluate", "--resume", run, "--json", seconds=1200)
    return Resumed(finished, Counter(map(_asked, fake.requests)), report)


def _finished() -> tuple[int, frozenset[tuple[str, str]]]:
    """As the database has it after the kill."""
    store = Store.open(Settings.from_env().database_url)
    try:
        with store.read() as session:
            (job,) = job_rows.jobs(session=session)
            kept = outcomes.outcomes(job.run_id or 0, session=session)
            ids = {one.problem_id for one in kept}
            problems = run_rows.problems(ids, session=session)
        ended = {(one.arm, problems[one.problem_id].text) for one in kept if one.finish_reason}
        return job.run_id or 0, frozenset(ended)
    finally:
        store.close()


def _asked(body: dict[str, Any]) -> tuple[str, str]:
    text = body["messages"][-1]["content"]
    arm = "plain" if prompt_of(body) == "solve" else "concise"
    return arm, text[text.index(HEAD) : text.index("?") + 1]
