"""`problems`: sets of problems under a name, and what of them a handbook has seen."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.cli.output import as_json_option, counted, fill_vectors, say, show, workbench
from core.errors import BadInput, ModelUnavailable
from core.evaluation import leaks as leak_guard
from core.evaluation import sets
from core.evaluation.problems import (
    MAPPINGS,
    Columns,
    Mapped,
    Mapping,
    Rows,
    choose_columns,
    column_names,
    guess_mapping,
    hugging_face,
    map_rows,
    mapping_named,
    read_path,
)
from core.evaluation.selection import leaks_between
from core.handbook import shelf
from core.store import problem_sets
from core.store.records import Problem

EXAMPLES = 3
BAD_SHOWN = 20  # to a person; the document has them all
LEAKS_SHOWN = 50
WIDTH = 200


@click.group()
def problems() -> None:
    """Import and look at sets of problems. Those with a topic help to find the topic of others."""


@problems.command("import")
@click.argument("source", metavar="FILE|hf:OWNER/NAME[/CONFIG][:SPLIT]")
@click.option("--name", help="Of the set; the file's name where none is given.")
@click.option("--split", default="", help="train, test, …")
@click.option("--mapping", "mapping_name", help="One of `problems mappings`; guessed by default.")
@click.option("--text", help="The column of the problems.")
@click.option("--answer", help="The column of the right answers.")
@click.option("--topic", help="The column of the topics.")
@as_json_option
def import_problems(
    source: str,
    name: str | None,
    split: str,
    mapping_name: str | None,
    text: str | None,
    answer: str | None,
    topic: str | None,
    as_json: bool,
) -> None:
    """Read problems from JSONL, JSON, CSV or Parquet, or from a data set on Hugging Face.

    A set of the same name is replaced. Rows that cannot be problems are left out and listed.
    """
    rows, its_name, its_split = _rows(source)
    mapping = mapping_named(mapping_name) if mapping_name else _guessed(rows, its_name, text)
    columns = choose_columns(mapping, rows.rows, text, answer, topic)
    mapped = map_rows(rows, mapping, columns)
    if not mapped.problems:
        first = mapped.bad[0]
        raise BadInput(f"No row of {source} can be a problem. Row {first.number} {first.why}.")
    with workbench() as app:
        by = app.settings.user
        replaced = sets.replaced_by(app.store, name or its_name, mapped.problems)
        made = sets.import_set(
            app.store, name or its_name, mapped.problems, split=split or its_split, by=by
        )
        members = sets.problems_of(app.store, made.name)
    if rows.note:
        say(rows.note)
    if replaced:
        say(replaced_line(made.name, replaced))
    document = {
        "name": made.name,
        "split": made.split,
        "problems": len(members),
        "repeated": mapped.repeated,
        "topics": sets.topics_of(members),
        "mapping": mapping.name,
        "columns": asdict(columns),
        "bad": [{"row": bad.number, "why": bad.why} for bad in mapped.bad],
        "first": _as_json(members[0]),
        "digest": made.digest,
    }
    show(document, as_json, _import_lines(document, mapping, columns, rows, mapped))


@problems.command("mappings")
@as_json_option
def list_mappings(as_json: bool) -> None:
    """The data sets whose columns are known, and how their rows become problems."""
    document = [
        {
            "name": mapping.name,
            "about": mapping.about,
            "text": mapping.text,
            "answer": mapping.gold,
            "topic": mapping.topic,
        }
        for mapping in MAPPINGS
    ]
    show(document, as_json, [f"{mapping.name:<16} {mapping.about}" for mapping in MAPPINGS])


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


@problems.command("show")
@click.argument("name")
@as_json_option
def show_problems(name: str, as_json: bool) -> None:
    """One set: its numbers by topic, level and task, and its first problems."""
    with workbench() as app:
        members = sets.problems_of(app.store, name)
        with app.store.read() as session:
            found = problem_sets.problem_set(name, session=session)
    document: dict[str, Any] = {
        "name": found.name,
        "split": found.split,
        "digest": found.digest,
        "problems": len(members),
        "with_answer": sum(problem.gold is not None for problem in members),
        "topics": sets.topics_of(members),
        "levels": sets.levels_of(members),
        "tasks": sets.tasks_of(members),
        "examples": [_as_json(problem) for problem in members[:EXAMPLES]],
    }
    lines = [
        f"{found.name}: {counted(len(members), 'problem')}, {document['with_answer']:,} with an "
        f"answer. {found.split}".rstrip(),
        f"Digest {found.digest}",
        *_count_lines("topic", document["topics"]),
        *_count_lines("level", document["levels"]),
        *_count_lines("task", document["tasks"]),
        *(line for problem in members[:EXAMPLES] for line in ("", *_problem_lines(problem))),
    ]
    show(document, as_json, lines)


@problems.command("leaks")
@click.argument("name")
@click.option("--handbook", "slug", required=True, help="The handbook's slug.")
@as_json_option
def list_leaks(name: str, slug: str, as_json: bool) -> None:
    """Problems of a set that a handbook was made from, nearly, or that its behaviors carry."""
    with workbench() as app:
        members = sets.problems_of(app.store, name)
        behaviors = shelf.behaviors(app.store, shelf.find(app.store, slug))
        sources = leak_guard.made_from(app.store, slug)
        if app.vectors:
            try:
                fill_vectors(app.vectors, leak_guard.meant_texts(members, sources, behaviors))
            except ModelUnavailable as error:
                say(f"{error} Leaks are looked for by their wording alone.")
        result = leaks_between(members, sources, behaviors, app.vectors, compute_at_most=0)
    found = result.found
    leaks = [leak for leak in found if leak.kind in leak_guard.DEFAULT]
    document = {
        "set": name,
        "handbook": slug,
        "problems": len(members),
        "made_from": len(sources),
        "behaviors": len(behaviors),
        "flagged": len(result.excluded()),
        "by_kind": result.counts(),
        "without_vectors": result.without_vectors,
        "leaks": [asdict(leak) for leak in leaks],
        "look_alikes": [asdict(leak) for leak in found if leak not in leaks],
    }
    texts = {problem.id: problem.text for problem in members}
    lines = [
        f"{name} beside {slug}, made from {counted(len(sources), 'problem')} that "
        f"{'is' if len(sources) == 1 else 'are'} known: {len(result.excluded()):,} of "
        f"{counted(len(members), 'problem')} flagged.",
        *(f"  {kind}: {number:,}" for kind, number in result.counts().items()),
        _by_meaning(result.without_vectors),
    ]
    for leak in found[:LEAKS_SHOWN]:
        lines += ["", f"{leak.problem_id} {leak.kind}: {leak.why}."]
        lines += [f"  problem: {_line(texts[leak.problem_id])}", f"  found: {_line(leak.evidence)}"]
    if len(found) > LEAKS_SHOWN:
        lines += ["", f"{len(found) - LEAKS_SHOWN:,} more: --json lists all."]
    show(document, as_json, lines)


@problems.command("remove")
@click.argument("name")
@as_json_option
def remove_problems(name: str, as_json: bool) -> None:
    """Forget a set. Its problems stay where runs hold them."""
    with workbench() as app, app.store.write() as session:
        found = problem_sets.problem_set(name, session=session)
        problem_sets.delete_set(found.id, session=session)
    show({"removed": name}, as_json, [f"{name} was removed."])


def replaced_line(name: str, size: int) -> str:
    return f"The set {name} had {counted(size, 'problem')}; these took their place."


def _by_meaning(without_vectors: int | None) -> str:
    if without_vectors is None:
        return "Compared by wording alone: with an embedder, heavier rewordings are found."
    if without_vectors:
        return (
            f"Compared by wording and meaning; {counted(without_vectors, 'text')} without vector."
        )
    return "Compared by wording and meaning."


def _rows(source: str) -> tuple[Rows, str, str]:
    """The rows, and the name and split of a set of them where a person gives none."""
    if source.startswith(hugging_face.PREFIX):
        rows, part = hugging_face.fetch(hugging_face.address(source))
        return rows, part.name, part.split
    path = Path(source)
    return read_path(path), path.stem, ""


def _guessed(rows: Rows, name: str, text: str | None) -> Mapping:
    """A person who names the column of the problems means these texts as they stand."""
    return mapping_named("generic") if text else guess_mapping(rows.rows, name)


def _import_lines(
    document: dict[str, Any], mapping: Mapping, columns: Columns, rows: Rows, mapped: Mapped
) -> list[str]:
    lines = [
        f"{document['name']}: {counted(document['problems'], 'problem')} "
        f"({document['repeated']} repeated rows left out).",
        f"Read as {mapping.name}. {mapping.about}",
        f"Text from the column {columns.text!r}, answers from {columns.gold!r}, topics from "
        f"{columns.topic!r}. The columns are: {', '.join(column_names(rows.rows))}.",
        *_count_lines("topic", document["topics"]),
    ]
    if mapped.bad:
        lines.append(f"{counted(len(mapped.bad), 'bad row')} left out:")
        lines += [f"  row {bad.number} {bad.why}" for bad in mapped.bad[:BAD_SHOWN]]
    if len(mapped.bad) > BAD_SHOWN:
        lines.append(f"  {len(mapped.bad) - BAD_SHOWN:,} more: --json lists all.")
    first = mapped.problems[0]
    return [*lines, "The first:", f"  {_line(first.text)}", f"  answer: {first.gold}"]


def _count_lines(what: str, counts: dict[str, int]) -> list[str]:
    return [f"  {name or f'without a {what}'}: {number:,}" for name, number in counts.items()]


def _problem_lines(problem: Problem) -> Sequence[str]:
    return (_line(problem.text), f"  answer: {problem.gold}")


def _as_json(problem: Problem) -> dict[str, Any]:
    return {
        "id": problem.id,
        "problem": problem.text,
        "answer": problem.gold,
        "topic": problem.topic,
        "extra": problem.extra,
    }


def _line(text: str) -> str:
    """Its beginning and end on one line: in a question over paragraphs the question comes last."""
    line = " ".join(text.split())
    if len(line) <= WIDTH:
        return line
    return f"{line[: WIDTH // 2]} … {line[-WIDTH // 2 :]}"
