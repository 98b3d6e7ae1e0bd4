"""The catalogue as it stands in its file."""

from collections import Counter
from pathlib import PurePosixPath

import pytest

from core.errors import NotFound
from core.llm.catalogue import (
    catalogue,
    default_embedder,
    default_entry,
    download,
    embedder_entry,
    embedders,
    entry,
)


def test_every_name_means_one_thing() -> None:
    names = Counter(known.name for known in (*catalogue(), *embedders()))
    assert set(names.values()) == {1}
    for name in names:
        assert download(name).name == name


def test_there_is_one_default_of_each_kind() -> None:
    assert [known.name for known in catalogue() if known.default] == ["qwen2.5-coder-1.5b"]
    assert [known.name for known in embedders() if known.default] == ["all-minilm-l6-v2"]
    assert (default_entry().default, default_embedder().default) == (True, True)


def test_the_embedder_of_the_paper_goes_before_the_default() -> None:
    found = [(known.name, known.dimensions, known.licence) for known in embedders()]
    assert found == [("bge-m3", 1024, "MIT"), ("all-minilm-l6-v2", 384, "Apache-2.0")]


def test_embedders_bring_no_pickle_no_code_and_stay_in_their_folder() -> None:
    for known in embedders():
        assert known.file.endswith(".safetensors")
        for file in map(PurePosixPath, known.beside):
            assert file.suffix in (".json", ".txt", ".model")
            assert not file.is_absolute()
            assert ".." not in file.parts


def test_what_is_not_there_is_said_with_what_is() -> None:
    with pytest.raises(NotFound, match=r"no model 'bge-m3'.*smollm2-135m"):
        entry("bge-m3")
    with pytest.raises(NotFound, match=r"no embedder 'smollm2-135m'.*bge-m3"):
        embedder_entry("smollm2-135m")
    with pytest.raises(NotFound, match=r"'nobody'.*smollm2-135m.*bge-m3"):
        download("nobody")
