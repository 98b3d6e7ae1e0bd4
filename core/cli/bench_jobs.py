"""`bench jobs`: what a job takes beside a bare loop over the openai client.

Both ask the same local stub for the same prompts, as many at a time; the job also keeps every
trace, its verdict and its progress. The faster of two bare loops counts: with replies as one
document, and as a stream.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import click

from core import planning
from core.app import App
from core.cli.bench_rows import Row, machine, show_rows, timed
from core.cli.output import as_json_option, say
from core.errors import VademecumError
from core.evaluation import sets
from core.evaluation.problems import NewProblem
from core.handbook import shelf
from core.llm import endpoints
from core.llm.chat import Sampling
from core.pipeline.arms import arm
from core.pipeline.condition import condition
from core.pipeline.evaluation import Evaluation
from core.settings import Settings
from core.store.records import Endpoint

PROJECT = Path(__file__).parents[2]
SAMPLING = Sampling(0.0, None, 256, 1)


@click.command()
@click.option("--prompts", type=click.IntRange(min=1), default=500, show_default=True)
@click.option("--at-once", type=click.IntRange(min=1), default=32, show_default=True)
@click.option("--milliseconds", type=click.IntRange(min=0), default=50, show_default=True)
@click.option("--times", type=click.IntRange(min=1), default=5, show_default=True)
@as_json_option
def jobs(prompts: int, at_once: int, milliseconds: int, times: int, as_json: bool) -> None:
    """An evaluation against a local stub, beside a bare loop with the same concurrency."""
    say(machine())
    problems = [f"What is {number} plus {number + 1}?" for number in range(prompts)]
    with _stub(milliseconds) as base_url:
        found: dict[str, list[float]] = {"document": [], "stream": [], "job": []}
        _bare(base_url, problems[:at_once], at_once, stream=True)  # imports, connections
        for turn in range(times):
            say(f"Turn {turn + 1} of {times} …")
            for name in ("document", "stream"):
                stream = name == "stream"
                found[name].append(_bare(base_url, problems, at_once, stream=stream))
            found["job"].append(_job(base_url, problems, at_once))
    taken = {name: median(seconds) for name, seconds in found.items()}
    bare = min(taken["document"], taken["stream"])
    rows = [
        Row("jobs bare loop, replies as documents", prompts, taken["document"], "s"),
        Row("jobs bare loop, replies as streams", prompts, taken["stream"], "s"),
        Row("jobs as a job", prompts, taken["job"], "s"),
        Row("jobs throughput beside the bare loop", prompts, bare / taken["job"], "share"),
    ]
    show_rows(rows, as_json)


@contextmanager
def _stub(milliseconds: int) -> Iterator[str]:
    """A process of its own: it must not take time from what is measured."""
    command = [sys.executable, "-m", "core.cli.bench_stub", str(milliseconds)]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101  opened with a pipe
        port = process.stdout.readline().strip()
        if not port:
            raise VademecumError("The stub of `bench jobs` did not start; nothing was measured.")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def _bare(base_url: str, problems: list[str], at_once: int, *, stream: bool) -> float:
    """Seconds for all of them: nothing but the client, and its text."""
    from openai import OpenAI

    client = OpenAI(base_url=base_url, api_key="none", max_retries=0)

    def ask(problem: str) -> str:
        arguments: dict[str, Any] = {
            "model": "stub",
            "messages": condition("plain", problem).messages,
            "max_tokens": SAMPLING.max_tokens,
            "temperature": SAMPLING.temperature,
            "seed": SAMPLING.seed,
            "stream": stream,
        }
        made = client.chat.completions.create(**arguments)
        if not stream:
            return str(made.choices[0].message.content)
        return "".join(one.choices[0].delta.content or "" for one in made if one.choices)

    with ThreadPoolExecutor(at_once) as pool:
        texts, seconds = timed(lambda: list(pool.map(ask, problems)))
    client.close()
    if not all(texts):
        raise VademecumError("The stub gave an empty reply; nothing was measured.")
    return seconds


def _job(base_url: str, problems: list[str], at_once: int) -> float:
    """Seconds for the same as an evaluation, from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        app = App.open(Settings.from_env({"VADEMECUM_HOME": folder, "VADEMECUM_USER": "bench"}))
        try:
            endpoints.add(app.store, _endpoint(base_url, at_once))
            shelf.create(app.store, "bench", by="bench")
            news = [NewProblem(text, "4") for text in problems]
            sets.import_set(app.store, "bench", news, by="bench")
            ids = [one.id for one in sets.problems_of(app.store, "bench")]
            plan = Evaluation((arm("plain", "stub"),), SAMPLING, budgets=(SAMPLING.max_tokens,))
            job = planning.add_evaluation(app, ids, "bench", plan, title="bench", by="bench")
            ended, seconds = timed(lambda: app.jobs.run_here(job.id))
        finally:
            app.close()
    if ended.status != "done" or ended.note:
        raise VademecumError(f"The job is {ended.status}: {ended.note} Nothing was measured.")
    return seconds


def _endpoint(base_url: str, at_once: int) -> Endpoint:
    return Endpoint(
        id=None,
        name="stub",
        base_url=base_url,
        model="stub",
        key_env=None,
        context_length=None,
        price_in=None,
        price_cached=None,
        price_out=None,
        thinking="none",
        concurrency=at_once,
        found={"usage": True},
    )
