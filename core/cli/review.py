"""`review`: list what waits, and decide on it: accept, reject, edit, merge, split, retopic, tag.

Taking back stands in `core.cli.undo`. What a command decides on is what it finds when it starts.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, get_args

import click

from core.app import App
from core.cli import undo
from core.cli.output import as_json_option, show, workbench
from core.errors import BadInput, NotFound
from core.handbook import curation, merging, queue, shelf
from core.handbook.decisions import Decision
from core.handbook.rules import MARKS
from core.store import behaviors as rows
from core.store import filters, handbooks
from core.store.filters import UNMARKED, Filter
from core.store.records import Behavior, BehaviorStatus

STATUSES = (*get_args(BehaviorStatus), "all")
DONE = {
    "accept": "accepted",
    "reject": "rejected",
    "retopic": "moved to another topic",
    "tag": "tagged",
}
ids_argument = click.argument("ids", metavar="ID...", type=int, nargs=-1, required=True)
why_option = click.option("--why", default="", help="Kept in the history.")


@click.group()
def review() -> None:
    """List proposals and decide on them; every decision can be undone."""


for command in (undo.undo, undo.redo, undo.undo_step):
    review.add_command(command)


@review.command("list")
@click.argument("slug")
@click.option(
    "--status",
    type=click.Choice(STATUSES),
    multiple=True,
    default=("proposed",),
    show_default=True,
)
@click.option("--topic", multiple=True)
@click.option("--words", default="", help="All of them in name, instruction, topic or tags.")
@click.option("--mark", type=click.Choice([*MARKS, UNMARKED]), multiple=True)
@as_json_option
def list_behaviors(
    slug: str,
    status: tuple[str, ...],
    topic: tuple[str, ...],
    words: str,
    mark: tuple[str, ...],
    as_json: bool,
) -> None:
    """Behaviors of a handbook, oldest first: proposals, unless another status is asked for."""
    with workbench() as app:
        chosen = Filter(
            shelf.find(app.store, slug).id,
            statuses=get_args(BehaviorStatus) if "all" in status else status,
            topics=topic,
            words=queue.wanted_words(words),
            marks=mark,
        )
        with app.store.read() as session:
            found = filters.page(chosen, 0, filters.count(chosen, session=session), session=session)
    lines = [_line(behavior) for behavior in found]
    show([_document(behavior) for behavior in found], as_json, lines or ["Nothing of this kind."])


@review.command()
@ids_argument
@why_option
@as_json_option
def accept(ids: tuple[int, ...], why: str, as_json: bool) -> None:
    """Take behaviors into their handbook; those of one handbook as one step."""
    _decide("accept", ids, as_json, why=why)


@review.command()
@ids_argument
@click.option("--why", required=True, help="Shown wherever it would be proposed again.")
@as_json_option
def reject(ids: tuple[int, ...], why: str, as_json: bool) -> None:
    """Decide against behaviors. They are not proposed again."""
    _decide("reject", ids, as_json, why=why)


@review.command()
@ids_argument
@click.option("--topic", required=True)
@as_json_option
def retopic(ids: tuple[int, ...], topic: str, as_json: bool) -> None:
    """Move behaviors to another topic."""
    _decide("retopic", ids, as_json, topic=topic)


@review.command()
@ids_argument
@click.option("--tag", "tags", multiple=True, required=True, help="Several are given one by one.")
@as_json_option
def tag(ids: tuple[int, ...], tags: tuple[str, ...], as_json: bool) -> None:
    """Add tags to behaviors."""
    _decide("tag", ids, as_json, tags=tags)


@review.command()
@click.argument("behavior_id", metavar="ID", type=int)
@click.option("--name")
@click.option("--instruction")
@click.option("--topic")
@click.option("--avoid-when", help="Nothing ('') takes it away.")
@click.option("--tags", metavar="A,B", help="All its tags, with commas between them.")
@why_option
@as_json_option
def edit(
    behavior_id: int,
    name: str | None,
    instruction: str | None,
    topic: str | None,
    avoid_when: str | None,
    tags: str | None,
    why: str,
    as_json: bool,
) -> None:
    """Change the text, topic or tags of a behavior."""
    changes: dict[str, Any] = _given(name=name, instruction=instruction, topic=topic)
    if avoid_when is not None:
        changes["avoid_when"] = avoid_when or None
    if tags is not None:
        changes["tags"] = [tag for tag in map(str.strip, tags.split(",")) if tag]
    if not changes:
        raise BadInput("Say what to change: --name, --instruction, --topic, --avoid-when, --tags.")
    with workbench() as app:
        seen = curation.look_up(app.store, behavior_id)
        behavior = curation.edit(
            app.store, seen.id, changes, version=seen.version, by=app.settings.user, why=why
        )
    show(_document(behavior), as_json, [_line(behavior)])


@review.command()
@ids_argument
@click.option("--into", "name", metavar="NAME", required=True, help="What the result is called.")
@click.option("--instruction", help="Without one: that of the behavior that stays.")
@click.option("--topic")
@why_option
@as_json_option
def merge(
    ids: tuple[int, ...],
    name: str,
    instruction: str | None,
    topic: str | None,
    why: str,
    as_json: bool,
) -> None:
    """Merge behaviors into one, which is accepted.

    The one of this name stays; without one the first accepted one, else the first, is called so.
    """
    with workbench() as app:
        found = _found(app, ids)
        behavior = merging.merge(
            app.store,
            {one.id: one.version for one in found},
            into=_staying(found, name).id,
            text=_given(name=name, instruction=instruction, topic=topic),
            by=app.settings.user,
            why=why,
        )
    merged = [one.id for one in found if one.id != behavior.id]
    lines = [_line(behavior), f"Merged into it: {', '.join(map(str, merged))}."]
    show({**_document(behavior), "merged": merged}, as_json, lines)


@review.command()
@ids_argument
@why_option
@as_json_option
def split(ids: tuple[int, ...], why: str, as_json: bool) -> None:
    """Take merged behaviors out again: these, or all that were merged into these."""
    with workbench() as app:
        wanted = [behavior.id for behavior in _found(app, ids)]
        step, behaviors = merging.split(app.store, wanted, by=app.settings.user, why=why)
    document = {"step": step.number, "behaviors": [_document(one) for one in behaviors]}
    show(document, as_json, [_line(behavior) for behavior in behaviors])


def _decide(
    decision: Decision,
    ids: Sequence[int],
    as_json: bool,
    *,
    why: str = "",
    topic: str = "",
    tags: Sequence[str] = (),
) -> None:
    """One step in each handbook. Ends with 1 where some were left."""
    by_handbook: dict[int, list[Behavior]] = {}
    changed: list[int] = []
    left: dict[int, str] = {}
    steps = []
    with workbench() as app:
        found = _found(app, ids)
        for behavior in found:
            by_handbook.setdefault(behavior.handbook_id, []).append(behavior)
        for handbook_id, behaviors in by_handbook.items():
            seen = {behavior.id: behavior.version for behavior in behaviors}
            done = curation.decide_many(
                app.store,
                handbook_id,
                decision,
                seen,
                by=app.settings.user,
                why=why,
                topic=topic,
                tags=tags,
            )
            changed += done.changed
            left |= {number: reason for reason, those in done.left.items() for number in those}
            if done.step is not None:
                steps.append({"handbook": _slug(app, handbook_id), "step": done.step})
    names = {behavior.id: behavior.name for behavior in found}
    document = {
        "decision": decision,
        "changed": [{"id": number, "name": names[number]} for number in changed],
        "left": [{"id": n, "name": names[n], "why": reason} for n, reason in left.items()],
        "steps": steps,
    }
    lines = [f"{names[number]} ({number}) was {DONE[decision]}." for number in changed]
    lines += [f"{names[n]} ({n}) was left as it is: {reason}." for n, reason in left.items()]
    show(document, as_json, lines or ["That is how it was already. Nothing was changed."])
    if left:
        sys.exit(1)


def _found(app: App, ids: Iterable[int]) -> list[Behavior]:
    """All of them, each once, or nothing is decided."""
    wanted = list(dict.fromkeys(ids))
    with app.store.read() as session:
        found = rows.behaviors_by_id(wanted, session=session)
    if missing := [str(number) for number in wanted if number not in found]:
        raise NotFound(f"There is no behavior number {', '.join(missing)}. Nothing was changed.")
    return list(found.values())


def _staying(behaviors: Sequence[Behavior], name: str) -> Behavior:
    accepted = [behavior for behavior in behaviors if behavior.status == "accepted"]
    candidates = [*accepted, *behaviors]
    called_so = [behavior for behavior in candidates if behavior.name == name]
    return (called_so or candidates)[0]


def _slug(app: App, handbook_id: int) -> str:
    with app.store.read() as session:
        return handbooks.handbook(handbook_id, session=session).slug


def _given(**fields: str | None) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _document(behavior: Behavior) -> dict[str, Any]:
    """`marks` are their names, `reasons` say why, as in the document of `solve`."""
    fields = asdict(behavior)
    names = (
        *("id", "name", "instruction", "topic", "avoid_when", "tags", "status"),
        *("source_model", "source_correct", "version", "by", "merged_into"),
    )
    return {
        **{name: fields[name] for name in names},
        "marks": sorted(behavior.marks),
        "reasons": behavior.marks,
        "created": behavior.created.isoformat(timespec="seconds"),
    }


def _line(behavior: Behavior) -> str:
    marks = f"  [{', '.join(sorted(behavior.marks))}]" if behavior.marks else ""
    topic = f"  ({behavior.topic})" if behavior.topic else ""
    return (
        f"{behavior.id:>6}  {behavior.status:<9} {behavior.name}: {behavior.instruction}"
        f"{topic}{marks}"
    )
