"""`retrieve`: the behaviors of a handbook that a problem gets, and why."""

from typing import Any, get_args

import click

from core.app import App
from core.cli.output import as_json_option, fill_vectors, show, workbench
from core.handbook import shelf
from core.pipeline import condition
from core.retrieval.query import K_EMBEDDED, K, Query, Retrieved, Way
from core.retrieval.retriever import retrieve as retrieve_from
from core.retrieval.vectors import embedded_text
from core.store import problem_sets
from core.store import vectors as vector_rows


@click.command()
@click.option("--handbook", "slug", required=True, help="The handbook's slug.")
@click.option("--problem", required=True, help="The problem's text.")
@click.option("--by", type=click.Choice(get_args(Way)), default="embedding", show_default=True)
@click.option(
    "--k",
    type=click.IntRange(min=1),
    help=f"At most so many: {K}, for an embedded model {K_EMBEDDED}, by topic all, if not said.",
)
@click.option("--topic", default="", help="The problem's topic; it is found where none is given.")
@click.option(
    "--at-least",
    type=click.FloatRange(0, 1),
    help="The smallest similarity. Where none is given, what the embedder's catalogue entry calls "
    "unrelated; by topic 0.",
)
@click.option("--diversity", type=click.FloatRange(0, 1), default=0.0, help="0 is none.")
@click.option("--pin", "pinned", type=int, multiple=True, help="Number of a behavior to add.")
@click.option("--drop", "dropped", type=int, multiple=True, help="Number of one to leave out.")
@click.option("--model", help="Counts the prompt's tokens.")
@as_json_option
def retrieve(
    slug: str,
    problem: str,
    by: Way,
    k: int | None,
    topic: str,
    at_least: float | None,
    diversity: float,
    pinned: tuple[int, ...],
    dropped: tuple[int, ...],
    model: str | None,
    as_json: bool,
) -> None:
    """Behaviors of a handbook for a problem, ranked."""
    with workbench() as app:
        handbook = shelf.find(app.store, slug)
        if k is None and by != "topic":
            k = app.usual_k(model)
        if at_least is None:
            at_least = 0.0 if by == "topic" else app.unrelated
        query = Query(problem, by, k, topic, at_least, diversity, pinned, dropped)
        _embed(app, handbook.id)
        found = retrieve_from(app.sources, handbook.id, query)
        prompt = condition.messages(problem, [hit.behavior for hit in found.hits])
        tokens = _tokens(app, model, prompt)
    show(_document(found, query, prompt, tokens), as_json, _lines(found, tokens))


def _embed(app: App, handbook_id: int) -> None:
    """What retrieval looks at: the accepted behaviors, and the labelled problems that vote."""
    vectors = app.vectors
    if vectors is None:
        return
    with app.store.read() as session:
        rows = vector_rows.texts(handbook_id, ("accepted",), session=session)
        labelled = problem_sets.labelled(session=session)
    texts = [embedded_text(name, line) for _id, name, line in rows]
    texts += [text for text, _topic in labelled]
    fill_vectors(vectors, texts)


def _tokens(app: App, model: str | None, prompt: list[dict[str, str]]) -> int | None:
    """By the model's own tokenizer; None where no model is named or it cannot count."""
    if model is None:
        return None
    chat = app.models.chat(model)
    counts = [chat.count_tokens(message["content"]) for message in prompt]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _document(
    found: Retrieved, query: Query, prompt: list[dict[str, str]], tokens: int | None
) -> dict[str, Any]:
    return {
        "topic": found.topic or None,
        "topic_confidence": found.confidence,
        "topic_votes": found.votes.shares,
        "by": found.by,
        "k": query.k,
        "at_least": query.at_least,
        "behaviors": [
            {
                "rank": hit.rank,
                "id": hit.behavior.id,
                "name": hit.behavior.name,
                "instruction": hit.behavior.instruction,
                "topic": hit.behavior.topic,
                "score": hit.score,
                "similarity": hit.similarity,
                "keyword": hit.keyword,
                "why": hit.why,
            }
            for hit in found.hits
        ],
        "prompt": prompt,
        "prompt_tokens": tokens,
    }


def _lines(found: Retrieved, tokens: int | None) -> list[str]:
    sure = f" ({found.confidence:.0%} of the vote)" if found.confidence is not None else ""
    lines = [f"Topic: {found.topic or 'none'}{sure}", ""]
    for hit in found.hits:
        lines.append(f"{hit.rank:>3}  {hit.behavior.name}  [{hit.behavior.id}]")
        lines.append(f"     {hit.behavior.instruction}")
        lines.append(f"     {hit.why}")
    if not found.hits:
        lines.append("No behavior is similar enough.")
    counted = "unknown (name a --model to count them)" if tokens is None else f"{tokens:,}"
    return [*lines, "", f"Tokens of the prompt: {counted}"]
