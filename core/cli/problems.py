"""`problems`: sets of problems under a name."""

from dataclasses import asdict
from pathlib import Path

import click

from core.cli.output import as_json_option, counted, show, workbench
from core.evaluation import sets
from core.evaluation.problems import column_names, guess_columns, read_file, read_rows
from core.store import problem_sets


@click.group()
def problems() -> None:
    """Import and list sets of problems. Those with a topic help to find the topic of others."""


@problems.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="Of the set; the file's name where none is given.")
@click.option("--split", default="", help="train, test, …")
@as_json_option
def import_problems(file: Path, name: str | None, split: str, as_json: bool) -> None:
    """Read problems from JSONL, JSON or CSV; a set of the same name is replaced."""
    found = read_file(file)
    rows = read_rows(file.name, file.read_bytes())
    columns = guess_columns(rows)
    with workbench() as app:
        by = app.settings.user
        made = sets.import_set(app.store, name or file.stem, found, split=split, by=by)
        members = sets.problems_of(app.store, made.name)
    topics = sets.topics_of(members)
    document = {
        "name": made.name,
        "split": made.split,
        "problems": len(members),
        "repeated": len(found) - len(members),
        "topics": topics,
        "columns": asdict(columns),
        "digest": made.digest,
    }
    lines = [
        f"{made.name}: {counted(len(members), 'problem')} "
        f"({len(found) - len(members)} repeated rows left out).",
        f"Text from the column {columns.text!r}, answers from {columns.gold!r}, topics from "
        f"{columns.topic!r}. The columns are: {', '.join(column_names(rows))}.",
        *(f"  {topic or 'without a topic'}: {number:,}" for topic, number in topics.items()),
    ]
    show(document, as_json, lines)


@problems.command("list")
@as_json_option
def list_problems(as_json: bool) -> None:
    """The sets there are."""
    with workbench() as app, app.store.read() as session:
        found = problem_sets.problem_sets(session=session)
    document = [
        {"name": one.name, "split": one.split, "problems": number, "digest": one.digest}
        for one, number in found.items()
    ]
    lines = [
        f"{one.name}  {counted(number, 'problem')}  {one.split}" for one, number in found.items()
    ]
    show(document, as_json, lines or ["There is no problem set yet: `problems import FILE`."])


@problems.command("remove")
@click.argument("name")
@as_json_option
def remove_problems(name: str, as_json: bool) -> None:
    """Forget a set. Its problems stay where runs hold them."""
    with workbench() as app, app.store.write() as session:
        found = problem_sets.problem_set(name, session=session)
        problem_sets.delete_set(found.id, session=session)
    show({"removed": name}, as_json, [f"{name} was removed."])
