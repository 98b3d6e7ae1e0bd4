"""Takes in a recording: the JSON of a comparison that was made elsewhere.

It becomes a run like any other, marked as imported. Nothing of it is trusted: its shape is checked,
its size limited, and its texts are shown like those of any model.
"""

import json
import math
from typing import Any

from pydantic import ValidationError

from core.errors import BadInput
from core.evaluation.comparison.document import FORMAT, SAMPLED, SETTINGS, VERSION
from core.evaluation.comparison.exporting import MOST_BYTES, refusal
from core.evaluation.comparison.packing import unpacked
from core.evaluation.comparison.shape import Columns, Document, Take
from core.store import Session, Store
from core.store import runs as rows
from core.store import votes as vote_rows
from core.store.records import Run

OLDER = (1,)  # versions that are read as well: with a list for each chunk


def import_comparison(store: Store, name: str, data: bytes, *, by: str) -> Run:
    """The run made of a recording; raises BadInput and keeps nothing where it is none."""
    document = _read(name, data)
    with store.write() as session:
        problem_id = rows.keep_problem(**document.problem.model_dump(), extra={}, session=session)
        run = rows.add_run(
            kind="compare",
            title=document.title,
            handbook_id=None,
            problem_ids=[problem_id],
            params=_params(document, by),
            prompts=document.prompts,
            code_version=document.code_version,
            by=document.by or by,
            created=document.created,
            session=session,
        )
        for arm, takes in document.arms.items():
            for take in takes:
                _keep(run, problem_id, arm, take, document.settings.budget, session)
        for vote in document.votes:
            vote_rows.add_vote(run.id, **vote.model_dump(), session=session)
    return run


def _read(name: str, data: bytes) -> Document:
    if len(data) > MOST_BYTES:
        raise BadInput(refusal(name, len(data)))
    try:
        found = json.loads(data, parse_constant=_refuse, parse_float=_finite)
        json.dumps(found, ensure_ascii=False).encode()  # half a character cannot be kept
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name} is not readable JSON ({error}). Nothing was imported.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadInput(
            f"{name} is not a recording of a comparison. Export one from the Compare screen, or "
            "with `compare --export FILE`."
        )
    if found.get("version") not in (*OLDER, VERSION):
        raise BadInput(
            f"{name} was written by another Vademecum (format {found.get('version')!r}, this one "
            f"reads up to {VERSION}). Get the newer Vademecum."
        )
    try:
        document = Document.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(
            f"{name}: {where or 'the document'}: {first['msg']}. Nothing was imported."
        ) from error
    _check_arms(name, document)
    return document


def _refuse(number: str) -> None:
    raise ValueError(f"{number} is no number of JSON")


def _finite(number: str) -> float:
    found = float(number)
    if not math.isfinite(found):
        raise ValueError(f"{number[:20]} is too large a number")
    return found


def _check_arms(name: str, document: Document) -> None:
    labels = [asked.arm for asked in document.asked]
    if len(set(labels)) < len(labels) or set(document.arms) - set(labels):
        raise BadInput(f"{name}: its arms are not those that were asked. Nothing was imported.")
    if any({vote.first, vote.second} - set(labels) for vote in document.votes):
        raise BadInput(f"{name}: a vote is on an arm that is not there. Nothing was imported.")
    for arm, takes in document.arms.items():
        if len({take.sample for take in takes}) < len(takes):
            raise BadInput(f"{name}: {arm} has a sample twice. Nothing was imported.")


def _params(document: Document, by: str) -> dict[str, Any]:
    settings = {**dict.fromkeys(SETTINGS), **document.settings.model_dump()}
    sampling = {name: settings.pop(name, None) for name in SAMPLED}
    sampling["max_tokens"] = settings.pop("budget")
    return {
        **settings,
        "arms": [{"label": one.arm, **one.model_dump(exclude={"arm"})} for one in document.asked],
        "sampling": sampling,
        "handbook": document.handbook.model_dump() if document.handbook else None,
        "imported": by,
    }


def _chunks(take: Take) -> list[list[Any]]:
    if isinstance(take.chunks, Columns):
        return unpacked(take.chunks.model_dump())
    return [list(chunk) for chunk in take.chunks]


def _keep(
    run: Run, problem_id: int, arm: str, take: Take, budget: int | None, session: Session
) -> None:
    elsewhere = {"answer", "correct", "grader", "parts", "started", "attempt", "chunks"}
    fields = take.model_dump(exclude=elsewhere)
    trace = rows.add_trace(
        run_id=run.id,
        problem_id=problem_id,
        arm=arm,
        stage="solve",
        params={"max_tokens": budget, "parts": [part.model_dump() for part in take.parts]},
        created=take.started,
        session=session,
        chunks=_chunks(take),
        **fields,
    )
    if take.grader is not None:
        rows.set_verdict(
            trace.id,
            extracted=take.answer,
            correct=take.correct,
            grader=take.grader,
            session=session,
        )
