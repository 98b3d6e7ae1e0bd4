"""Mappings of multi-hop questions over paragraphs: HotpotQA, 2WikiMultiHopQA, MuSiQue.

The paragraphs stand with their titles before the question. Shapes: the sets' own JSON (context as
[title, [sentences]]), Hugging Face's (context as a dict of lists, or as JSON text), and those of
papers that pass the paragraphs on (ctxs, golden_answers).
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from core.evaluation.problems.cells import Cells
from core.evaluation.problems.problem import NewProblem, UnusableRow, gold_texts
from core.evaluation.problems.rows import Row

CONTEXT_NAMES = ("context", "paragraphs", "ctxs", "contexts")
BODY_NAMES = ("sentences", "paragraph_text", "text", "content")
PASSAGE_NAMES = ("passage", "article", *CONTEXT_NAMES)
HOPS = re.compile(r"(\d)hop")


def is_musique(rows: Sequence[Row], _name: str) -> bool:
    if not rows or not all("question" in row for row in rows):
        return False
    own = all("paragraph_text" in str(row.get("paragraphs"))[:2000] for row in rows)
    passed_on = all("ctxs" in row and "answers" in row for row in rows)
    return own or passed_on


def is_2wiki(rows: Sequence[Row], _name: str) -> bool:
    return is_hotpotqa(rows, _name) and all("evidences" in row for row in rows)


def is_hotpotqa(rows: Sequence[Row], _name: str) -> bool:
    return bool(rows) and all(
        row.get("question")
        and any(title for name in CONTEXT_NAMES for title, _body in _paragraphs(row.get(name)))
        for row in rows
    )


def question(cells: Cells) -> NewProblem:
    """The row as a problem; the topic is the set's type of question where it has one."""
    golds = golds_of(cells)
    context = next(filter(None, (_paragraphs(cells.get(name)) for name in CONTEXT_NAMES)), [])
    extra = {
        "task": "qa",
        "id": cells.get("id", "_id", "question_id"),
        "level": cells.get("level"),
        "question": cells.words,
        "aliases": golds[1:],
    }
    return NewProblem(
        "\n\n".join([*(_block(*paragraph) for paragraph in context), f"Question: {cells.words}"]),
        golds[0] if golds else None,
        str(cells.topic or "").strip(),
        {name: value for name, value in extra.items() if value is not None},
    )


def musique(cells: Cells) -> NewProblem:
    """As `question`; the number of hops, which its id begins with, is the topic."""
    if str(cells.get("answerable")).lower() == "false":
        raise UnusableRow("is not answerable by its paragraphs")
    made = question(cells)
    hops = HOPS.match(str(cells.get("id", "_id", "question_id")))
    topic = made.topic or (f"{hops[1]} hops" if hops else "")
    return NewProblem(made.text, made.gold, topic, made.extra)


def golds_of(cells: Cells) -> list[str]:
    """The right answer, then its other forms; none where the row has no answer."""
    golds = gold_texts(cells.gold)
    others = gold_texts(cells.get("answer_aliases", "aliases")) if golds else []
    return list(dict.fromkeys([*golds, *others]))


def passage_of(cells: Cells) -> tuple[str, str | None]:
    """What the question is about and the column that has it, unless the question repeats it."""
    for name in PASSAGE_NAMES:
        value = cells.get(name)
        found = "\n\n".join(_block(*paragraph) for paragraph in _paragraphs(value))
        if not found and isinstance(value, str):
            found = value.strip()
        if found and found not in cells.words:
            return found, name
    return "", None


def asked_about(passage: str, question: str) -> str:
    return f"{passage}\n\nQuestion: {question}" if passage else question


def _block(title: str, body: str) -> str:
    return f"{title}\n{body}" if title else body


def _paragraphs(value: Any) -> list[tuple[str, str]]:
    """(title, text) of each paragraph, in whatever shape a set keeps them."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if isinstance(value, dict):
        bodies = next((value[name] for name in BODY_NAMES if name in value), None)
        value = list(zip(_listed(value.get("title")), _listed(bodies), strict=False))
    found = (_paragraph(entry) for entry in _listed(value))
    return [(title, body) for title, body in found if body]


def _paragraph(entry: Any) -> tuple[str, str]:
    match entry:
        case dict():
            body = next((entry[name] for name in BODY_NAMES if name in entry), "")
            return str(entry.get("title") or "").strip(), _joined(body)
        case [str(title), str() | list() as body]:
            return title.strip(), _joined(body)
        case str():
            return "", entry.strip()
    return "", ""


def _joined(body: Any) -> str:
    parts = body if isinstance(body, list) else [body]
    return " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
