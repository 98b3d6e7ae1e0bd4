"""The file of a recording: all that the screen shows, compact, and a word where it is too large."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from core.evaluation.comparison import exporting
from core.evaluation.comparison.exporting import MOST_BYTES, recording, too_large, with_steps
from core.evaluation.comparison.packing import unpacked
from tests.core.evaluation.comparison import document

CONFIG = Path(__file__).parents[4] / ".streamlit" / "config.toml"


def by_length(texts: Sequence[str]) -> NDArray[np.float32]:
    """Texts are alike that are about as long."""
    angles = np.array([min(len(text), 400) / 400 * np.pi / 2 for text in texts], np.float32)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def broken(_texts: Sequence[str]) -> NDArray[np.float32]:
    raise ModelUnavailable("The embedder is damaged.")


def told(samples: int = 1) -> dict[str, Any]:
    pair = {"arm": "bci", "baseline": "plain"}
    return {**document(2, samples=samples), "verdicts": [pair]}


def test_it_is_the_document_with_its_chunks_as_columns() -> None:
    made = document(3, samples=2)
    read = json.loads(recording(made))
    for takes in read["arms"].values():
        for take in takes:
            take["chunks"] = unpacked(take["chunks"])
    assert read == made


def test_it_has_the_aligned_steps_of_every_sample() -> None:
    made = with_steps(told(samples=2), by_length)
    assert [(one["left"], one["right"], one["sample"]) for one in made["steps"]] == [
        ("plain", "bci", 0),
        ("plain", "bci", 1),
    ]
    assert json.loads(recording(made))["steps"] == made["steps"]


@pytest.mark.parametrize("embed", [None, broken])
def test_where_nothing_can_embed_there_are_none(embed: Any) -> None:
    assert with_steps(told(), embed)["steps"] is None


def test_what_could_not_be_taken_in_again_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made = document(3)
    assert too_large(made) == ""
    size = len(recording({"arms": made["arms"]}).encode())
    monkeypatch.setattr(exporting, "MOST_BYTES", size // 4)
    assert too_large(made).startswith("This recording has ")
    made["arms"]["plain"][0]["requests"] = [{"messages": [{"role": "user", "content": "x" * size}]}]
    monkeypatch.setattr(exporting, "MOST_BYTES", size)
    assert too_large(made) != ""


def test_what_is_taken_in_can_be_uploaded() -> None:
    (line,) = [one for one in CONFIG.read_text().splitlines() if one.startswith("maxUploadSize")]
    assert int(line.partition("=")[2]) * 1024 * 1024 >= MOST_BYTES
