"""`review undo`, `redo`, `undo-step`: taking back, and doing again."""

import sys
from typing import Any

import click

from core.app import App
from core.cli.history import step_document, step_line
from core.cli.output import as_json_option, counted, say, show, workbench
from core.errors import VademecumError
from core.handbook import shelf
from core.handbook import undo as steps
from core.store import handbooks
from core.store.records import Step

in_handbook = click.option(
    "--handbook", "slug", metavar="SLUG", help="Only in this one; anywhere without it."
)


@click.command()
@click.option("--last", type=click.IntRange(min=1), default=1, show_default=True, metavar="N")
@in_handbook
@as_json_option
def undo(last: int, slug: str | None, as_json: bool) -> None:
    """Take back what you did last: the newest step first, N of them.

    Ends with 1 where it comes to a stop before that.
    """
    undone: list[tuple[str, Step]] = []
    stopped = None
    with workbench() as app:
        handbook_id = _handbook_id(app, slug)
        while len(undone) < last and stopped is None:
            try:
                step = steps.undo(app.store, handbook_id, by=app.settings.user)
                undone.append((_slug(app, step), step))
            except VademecumError as error:
                stopped = str(error)
    document = {
        "undone": [{"handbook": book, **step_document(step)} for book, step in undone],
        "wanted": last,
        "stopped": stopped,
    }
    show(document, as_json, [f"Undone in {book}: {step_line(step)}" for book, step in undone])
    if stopped:
        say(f"{counted(len(undone), 'step')} of {last} undone. {stopped}")
        sys.exit(1)


@click.command()
@in_handbook
@as_json_option
def redo(slug: str | None, as_json: bool) -> None:
    """Do again what you undid last, if nothing new was done since."""
    with workbench() as app:
        step = steps.redo(app.store, _handbook_id(app, slug), by=app.settings.user)
        book = _slug(app, step)
    document = {"handbook": book, **step_document(step)}
    show(document, as_json, [f"Done again in {book}: {step_line(step)}"])


@click.command("undo-step")
@click.argument("slug")
@click.argument("number", type=int)
@click.option("--why", default="", help="Kept in the history.")
@as_json_option
def undo_step(slug: str, number: int, why: str, as_json: bool) -> None:
    """Take back one step of a handbook, whoever took it and however long ago.

    What it changed must still stand as it left it. An undone undo is done again.
    """
    with workbench() as app:
        book = shelf.find(app.store, slug)
        step = steps.undo_step(app.store, book.id, number, by=app.settings.user, why=why)
    document: dict[str, Any] = {"handbook": slug, **step_document(step)}
    show(document, as_json, [f"Step {number} of {slug} was undone: {step_line(step)}"])


def _handbook_id(app: App, slug: str | None) -> int | None:
    return None if slug is None else shelf.find(app.store, slug).id


def _slug(app: App, step: Step) -> str:
    with app.store.read() as session:
        return handbooks.handbook(step.handbook_id, session=session).slug
