"""The real all-minilm-l6-v2, fetched the product's own way and loaded once."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelUnavailable
from core.retrieval.embedder import BATCH, SentenceEmbedder, measure

PROJECT = Path(__file__).parents[3]
COUNT = "When the unwanted cases are few, count all cases and subtract the unwanted ones."
COUNT_AGAIN = "Subtract the bad outcomes from the total number if only a few outcomes are bad."
BREAD = "Let the dough rest for an hour before you bake the bread."


def linked(folder: Path, to: Path, *, without: str) -> Path:
    """The same embedder in another folder, one of its files apart."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns(without), copy_function=_link)
    return to


def _link(source: str, to: str) -> None:
    Path(to).symlink_to(source)


def test_the_start_of_the_app_imports_no_torch() -> None:
    code = "import core.app, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, timeout=60)


def test_rows_have_unit_length(minilm: SentenceEmbedder) -> None:
    vectors = minilm.embed([COUNT, BREAD, "", "x " * 2000])
    assert (vectors.shape, vectors.dtype) == ((4, 384), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_paraphrase_is_nearer_than_another_matter(minilm: SentenceEmbedder) -> None:
    text, paraphrase, other = minilm.embed([COUNT, COUNT_AGAIN, BREAD])
    assert text @ paraphrase > 0.5
    assert text @ other < 0.2


def test_a_text_has_the_same_vector_in_every_batch(minilm: SentenceEmbedder) -> None:
    texts = [f"{number} {'word ' * (number % 7)}" for number in range(BATCH + 3)]
    together = minilm.embed(texts)
    for at in (0, 5, BATCH - 1, BATCH + 2):
        assert np.allclose(minilm.embed([texts[at]])[0], together[at], atol=1e-5)


def test_no_texts_no_vectors(minilm: SentenceEmbedder) -> None:
    assert minilm.embed([]).shape == (0, 384)


def test_several_threads_may_use_it(minilm: SentenceEmbedder) -> None:
    texts = [COUNT, BREAD * 20, COUNT_AGAIN]
    alone = minilm.embed(texts)
    found: list[np.ndarray] = []

    def work() -> None:
        found.extend(minilm.embed(texts) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 20
    assert all(np.allclose(vectors, alone, atol=1e-5) for vectors in found)


def test_it_is_measured(minilm: SentenceEmbedder) -> None:
    seen = measure(minilm)
    assert seen.dimensions == 384
    assert seen.texts_per_second > 0


# What cannot be used


def test_one_that_is_not_downloaded_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="models pull tiny"):
        SentenceEmbedder("tiny", tmp_path / "tiny", 8).embed(["a"])


def test_damaged_weights_are_said(minilm_folder: Path, tmp_path: Path) -> None:
    folder = linked(minilm_folder, tmp_path / "damaged", without="model.safetensors")
    (folder / "model.safetensors").write_bytes(b"damaged!" * 1000)
    with pytest.raises(ModelUnavailable, match="pull it again") as failed:
        SentenceEmbedder("damaged", folder, 384).embed(["a"])
    assert str(folder) in str(failed.value)


def test_a_pickle_is_not_read(minilm_folder: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = linked(minilm_folder, tmp_path / "pickled", without="model.safetensors")
    torch.save(load_file(minilm_folder / "model.safetensors"), folder / "pytorch_model.bin")
    with pytest.raises(ModelUnavailable, match="safetensors"):
        SentenceEmbedder("pickled", folder, 384).embed(["a"])


def test_code_in_the_folder_is_not_run(minilm_folder: Path, tmp_path: Path) -> None:
    folder = linked(minilm_folder, tmp_path / "coded", without="modules.json")
    modules = [{"idx": 0, "name": "0", "path": "", "type": "own_code.Own"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "own_code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ModelUnavailable):
        SentenceEmbedder("coded", folder, 384).embed(["a"])
    assert not (tmp_path / "ran").exists()


def test_an_embedder_of_other_dimensions_is_refused(minilm_folder: Path) -> None:
    with pytest.raises(ModelUnavailable, match="384 numbers, not 1024"):
        SentenceEmbedder("bge-m3", minilm_folder, 1024).embed(["a"])
