"""`logs`: runs made of the logs of other tools, and logs made of our runs."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from core.cli.output import as_json_option, say, show, workbench
from core.cli.report import report_lines
from core.errors import BadInput
from core.evaluation.logs import KINDS, Export, exported, keep_logs
from core.evaluation.report.citations import sentence
from core.evaluation.report.document import report


@click.group()
def logs() -> None:
    """Replies that were logged by lm-evaluation-harness or Inspect; ours as such logs."""


@logs.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--handbook", help="Count which of this handbook's behaviors the replies name.")
@click.option("--label", "labels", multiple=True, help="What a log is called; once for each file.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="bci: its replies were given behaviors; once for each file. plain if not said.",
)
@click.option("--scored-by", help="Which of the scores of a log counts; the first if not said.")
@as_json_option
def import_logs(
    files: tuple[Path, ...],
    handbook: str | None,
    labels: tuple[str, ...],
    kinds: tuple[str, ...],
    scored_by: str | None,
    as_json: bool,
) -> None:
    """Keep logs as one run: an arm for each, compared in pairs on the problems they share.

    FILES are samples_*.jsonl of lm-evaluation-harness, or JSON logs of Inspect.
    """
    read = [(str(path), _content(path)) for path in files]
    with workbench() as app:
        run = keep_logs(
            app.store,
            read,
            handbook=handbook,
            labels=labels,
            kinds=kinds,
            scored_by=scored_by,
            by=app.settings.user,
        )
        say(f"Run {run.id}.")
        made = report(app.store, run.id)
    show(made, as_json, [*report_lines(made), "", *map(sentence, made["citations"])])


@logs.command("export")
@click.argument("run", type=int)
@click.argument("to", type=click.Path(path_type=Path))
@click.option("--arm", help="Only this arm.")
@as_json_option
def export_logs(run: int, to: Path, arm: str | None, as_json: bool) -> None:
    """Write the replies of an evaluation as samples of lm-evaluation-harness.

    TO is a folder, in which each arm gets a folder with its samples_*.jsonl; or, for one arm, a
    file that ends in .jsonl.
    """
    with workbench() as app:
        found = exported(app.store, run, arm)
        written = _write_one(list(found), to) if to.suffix == ".jsonl" else _write_all(found, to)
    if not written:
        raise BadInput(f"Run {run} has no reply to write.")
    document = {
        "run": run,
        "files": [
            {"arm": one.arm, "file": str(path), "replies": one.replies} for path, one in written
        ],
    }
    lines = [f"{one.arm}: {_replies(one.replies)}, {path}" for path, one in written]
    show(document, as_json, lines)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error


def _write_one(found: list[Export], path: Path) -> list[tuple[Path, Export]]:
    if len(found) > 1:
        arms = ", ".join(one.arm for one in found)
        raise BadInput(f"A file holds one arm: choose with --arm, of {arms}, or name a folder.")
    return [(_written(path, one), one) for one in found]


def _write_all(found: Iterable[Export], folder: Path) -> list[tuple[Path, Export]]:
    """Without their texts, which may be large."""
    return [(_written(folder / one.path, one), replace(one, text="")) for one in found]


def _written(path: Path, one: Export) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.text, "utf-8", newline="")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    return path


def _replies(number: int) -> str:
    return f"{number:,} {'reply' if number == 1 else 'replies'}"
