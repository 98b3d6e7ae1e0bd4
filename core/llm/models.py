"""From a name to a model: a person's endpoint, or a catalogue model on the embedded server.

Also which embedders are downloaded; what they do is no concern of this folder.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFound
from core.llm import downloads
from core.llm.catalogue import (
    EmbedderEntry,
    Entry,
    catalogue,
    default_embedder,
    default_entry,
    download,
    embedder_entry,
    embedders,
    entry,
)
from core.llm.chat import Failure
from core.llm.client import OpenAIChat
from core.llm.embedded import EmbeddedServers
from core.llm.endpoints import note_found
from core.llm.midway import Midway, deadline, midway
from core.settings import Settings
from core.store import Store
from core.store.endpoints import endpoint_by_name, endpoints
from core.store.records import Endpoint


@dataclass(frozen=True)
class Offer:
    """A model one can choose. `ready` is False for a catalogue model that is not downloaded."""

    endpoint: Endpoint
    entry: Entry | None
    ready: bool


@dataclass(frozen=True)
class EmbedderOffer:
    """An embedder of the catalogue; `ready` says whether it is downloaded."""

    entry: EmbedderEntry
    ready: bool


class Models:
    """All models of this workbench. One limit an endpoint holds for the whole process."""

    def __init__(self, store: Store, settings: Settings):
        self._store = store
        self._settings = settings
        self._servers = EmbeddedServers(settings)
        self._gates: dict[str, threading.Semaphore] = {}
        self._chats: dict[str, OpenAIChat] = {}
        self._made: list[OpenAIChat] = []
        self._lock = threading.Lock()

    def offers(self) -> list[Offer]:
        """A person's endpoints first, then the catalogue."""
        with self._store.read() as session:
            own = [Offer(endpoint, None, True) for endpoint in endpoints(session=session)]
        folder = self._settings.models_folder
        return own + [
            Offer(entry.endpoint(), entry, downloads.is_there(entry, folder))
            for entry in catalogue()
        ]

    def embedder_offers(self) -> list[EmbedderOffer]:
        """The catalogue's embedders, the better ones first."""
        folder = self._settings.models_folder
        return [EmbedderOffer(entry, downloads.is_there(entry, folder)) for entry in embedders()]

    def ready_embedder(self) -> str | None:
        """The name of the best embedder that is downloaded."""
        return next((offer.entry.name for offer in self.embedder_offers() if offer.ready), None)

    def embedder_folder(self, name: str) -> Path:
        """Where an embedder's files lie once it is downloaded."""
        return downloads.place(embedder_entry(name), self._settings.models_folder)

    def is_embedder(self, name: str) -> bool:
        """Whether this name means an embedder; an endpoint of the same name goes before it."""
        with self._store.read() as session:
            own = endpoint_by_name(name, session=session)
        return own is None and any(entry.name == name for entry in embedders())

    def ready_names(self) -> list[str]:
        return [offer.endpoint.name for offer in self.offers() if offer.ready]

    def endpoint(self, name: str) -> Endpoint:
        with self._store.read() as session:
            own = endpoint_by_name(name, session=session)
        if own:
            return own
        try:
            return entry(name).endpoint()
        except NotFound as error:
            names = ", ".join(offer.endpoint.name for offer in self.offers())
            raise NotFound(f"There is no model {name!r}. There are: {names}.") from error

    def chat(self, name: str) -> OpenAIChat:
        return self.chat_of(self.endpoint(name))

    def chat_of(self, endpoint: Endpoint) -> OpenAIChat:
        """The model behind an endpoint; the same one as long as the endpoint does not change."""
        with self._lock:
            known = self._chats.get(endpoint.name)
            if known is None or known.endpoint != endpoint:
                known = self._chats[endpoint.name] = self._make(endpoint)
                self._made.append(known)
            return known

    def width(self, names: Iterable[str]) -> int:
        """How many requests these models take at a time, all together."""
        found = [self.endpoint(name) for name in dict.fromkeys(names)]
        own = sum(endpoint.concurrency for endpoint in found if not endpoint.embedded)
        return own + any(endpoint.embedded for endpoint in found)

    def take_at_once(self, names: Sequence[str]) -> bool:
        """Whether one request to each of these (a name may come again) can go on together."""
        found = {name: self.endpoint(name) for name in names}
        embedded = sum(found[name].embedded is not None for name in names)
        wide = all(
            one.embedded is not None or names.count(name) <= one.concurrency
            for name, one in found.items()
        )
        return wide and embedded <= 1

    def midway(self, name: str) -> Midway | Failure:
        """How something can be put into this model's reply; found out where nobody knows yet.

        A failure where the endpoint did not answer, which says nothing of what it can do.
        """
        endpoint = self.endpoint(name)
        if "midway" in endpoint.found:
            known: Midway = endpoint.found["midway"]
            return known
        found = midway(self.chat(name), deadline)
        if isinstance(found, Failure):
            return found
        note_found(self._store, endpoint, {**endpoint.found, "midway": found})
        return found

    def pull(self, name: str, progress: downloads.Progress) -> None:
        """Fetches a model or an embedder of the catalogue."""
        downloads.fetch(download(name), self._settings.models_folder, progress)

    def remove_file(self, name: str) -> None:
        """Deletes the file of a model, or the folder of an embedder."""
        if not downloads.is_there(download(name), self._settings.models_folder):
            raise NotFound(f"{name} is not downloaded; there is nothing to remove.")
        downloads.remove(download(name), self._settings.models_folder)

    def needs_default(self) -> str | None:
        """The default embedded model's name where there is no model to work with yet."""
        return None if self.ready_names() else default_entry().name

    def needs_embedder(self) -> str | None:
        """The default embedder's name where none is downloaded."""
        return None if self.ready_embedder() else default_embedder().name

    def close(self) -> None:
        for chat in self._made:
            chat.close()
        self._servers.close()

    def _make(self, endpoint: Endpoint) -> OpenAIChat:
        # Embedded models share the machine's cores: together they answer one request at a time.
        gate_name = endpoint.embedded and "embedded"
        gate_name = gate_name or f"{endpoint.name} {endpoint.base_url} {endpoint.concurrency}"
        gate = self._gates.setdefault(gate_name, threading.Semaphore(endpoint.concurrency))
        if endpoint.embedded:
            model = entry(endpoint.embedded)
            return OpenAIChat(
                endpoint, self._settings, address=lambda: self._servers.address(model), gate=gate
            )
        return OpenAIChat(endpoint, self._settings, address=lambda: endpoint.base_url, gate=gate)
