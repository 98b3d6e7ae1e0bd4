"""Names of clusters: a model's, asked for each one, and a person's, which no model overwrites."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import json_repair

from core import prompts
from core.errors import BadInput, ModelUnavailable
from core.jobs import Report, Stopped
from core.llm.chat import ChatModel, ChatRequest, Message, Sampling
from core.map.clusters import name_of
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store, layouts
from core.store import vectors as rows
from core.store.records import Cluster, Job

TOKENS = 1024  # enough for a model that thinks before it answers
SHOWN = 12  # behaviors of a cluster
LONGEST = 60  # characters of a name
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"heading": {"type": "string", "maxLength": LONGEST}},
    "required": ["heading"],
}


def messages(words: Sequence[str], texts: Sequence[str]) -> list[Message]:
    listed = "\n".join(f"- {text}" for text in texts)
    return prompts.load("cluster").messages(words=", ".join(words), behaviors=listed)


def heading_of(reply: str) -> str:
    """The name in a reply; raises where there is none."""
    start = reply.find("{")
    found = json_repair.loads(reply[start:]) if start >= 0 else None
    heading = found.get("heading") if isinstance(found, dict) else None
    name = " ".join(heading.split()).strip(" .\"'*") if isinstance(heading, str) else ""
    if not name:
        raise ModelUnavailable(
            "The model's name for a cluster could not be read. Resume to ask again, or take "
            "another model; names that were found are kept."
        )
    return name[:LONGEST].strip()


def rename(store: Store, cluster: Cluster, name: str, *, by: str) -> None:
    """A person's name for a cluster; an empty one brings back the words."""
    name = " ".join(name.split())
    if len(name) > LONGEST:
        raise BadInput(f"The name has {len(name)} characters; at most {LONGEST} fit on the map.")
    with store.write() as session:
        layouts.name_cluster(
            cluster.layout_id,
            cluster.number,
            name or name_of(cluster.number, cluster.words),
            by=by if name else "",
            session=session,
        )


class Namer:
    """The handler of `name` jobs: params hold a layout's id and a model's name.

    Clusters that have a name from a person or a model are passed over.
    """

    def __init__(self, store: Store, chat: Callable[[str], ChatModel]):
        self._store = store
        self._chat = chat

    def __call__(self, job: Job, report: Report) -> str:
        layout_id, model = job.params["layout_id"], job.params["model"]
        texts = self._texts(job)
        with self._store.read() as session:
            named = layouts.clusters(layout_id, session=session)
        waiting = [cluster for cluster in named if not cluster.by]
        report(len(named) - len(waiting), len(named), "naming clusters")
        for done, cluster in enumerate(waiting, start=len(named) - len(waiting) + 1):
            members = texts.get(cluster.number, [])[:SHOWN]
            name = self._asked(model, cluster, members, report)
            with self._store.write() as session:
                layouts.name_cluster(
                    layout_id, cluster.number, name, by=model, session=session, only_new=True
                )
            report(done, len(named), "naming clusters")
        return ""

    def _asked(self, model: str, cluster: Cluster, texts: Sequence[str], report: Report) -> str:
        request = ChatRequest(
            messages(cluster.words, texts), Sampling(0.2, None, TOKENS), schema=SCHEMA
        )
        reply = self._chat(model).complete(request, watch=lambda _: None, stop=report.stopped)
        if reply.finish_reason == "cancelled":
            raise Stopped
        if reply.failure:
            raise ModelUnavailable(reply.failure.sentence)
        return heading_of(reply.text)

    def _texts(self, job: Job) -> Mapping[int, list[str]]:
        """Cluster -> the texts of its behaviors."""
        with self._store.read() as session:
            places = layouts.places(job.params["layout_id"], session=session)
            found = rows.texts(job.params["handbook_id"], ("accepted", "proposed"), session=session)
        texts: dict[int, list[str]] = {}
        for _id, name, line in found:
            text = embedded_text(name, line)
            place = places.get(Vectors.digest(text))
            if place:
                plain = name.removeprefix("behavior_").replace("_", " ")
                texts.setdefault(place[3], []).append(f"{plain}: {line}")
        return texts
