"""Finds the behavior that fits what a model has just written."""

from collections.abc import Collection
from dataclasses import dataclass

from core.pipeline.giving import Given
from core.retrieval.sources import Sources


@dataclass(frozen=True)
class Finder:
    """`at_least` is the cosine similarity, 0 to 1, from which a behavior is worth a mention."""

    sources: Sources
    handbook_id: int
    at_least: float

    def warm_up(self) -> None:
        """Loads the embedder and the index, which takes long: better not in a reply on its way."""
        self.find("Hello.", ())

    def find(self, text: str, known: Collection[int]) -> Given | None:
        """The accepted behavior most alike to a text, without those that are known already."""
        vectors, indexes = self.sources.needed()
        vector = vectors.embedder.embed([text])[0]  # not kept: nobody asks for it again
        found = indexes.search(self.handbook_id, vector, len(known) + 1)
        for number, score in zip(found.ids.tolist(), found.scores.tolist(), strict=True):
            if number in known:
                continue
            behavior = self.sources.behaviors([number]).get(number)
            if score < self.at_least or behavior is None:
                return None
            why = f"similarity {score:.2f} with what was just written"
            return Given.of(behavior, len(known) + 1, score, why)
        return None
