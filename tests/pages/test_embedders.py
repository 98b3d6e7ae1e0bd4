"""Embedders on the Models screen, and their work on the Runs screen."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.store import Store
from core.store import jobs as job_rows

EMBEDDER = "all-minilm-l6-v2"


def shown(at: AppTest) -> str:
    parts = [*at.subheader, *at.markdown, *at.caption, *at.error]
    return "\n".join(str(part.value) for part in parts)


def keys(at: AppTest) -> set[str]:
    return {button.key for button in at.button}


def test_embedders_can_be_downloaded(screen) -> None:
    at = screen("work/models")
    assert not at.exception
    assert "Embedders" in [part.value for part in at.subheader]
    assert {f"pull_{EMBEDDER}", "pull_bge-m3"} <= keys(at)
    text = shown(at)
    assert "neighbours, duplicates, search" in text
    assert "Apache-2.0 · 0.09 GB" in text
    assert "MIT" in text


def test_an_embedder_that_is_there_is_not_offered_again(screen, minilm_home: Path) -> None:
    at = screen("work/models")
    assert not at.exception
    assert {f"test_embedder_{EMBEDDER}", "pull_bge-m3"} <= keys(at)
    assert f"pull_{EMBEDDER}" not in keys(at)
    at.button(key=f"remove_embedder_{EMBEDDER}").click().run()
    assert not at.exception
    assert "Its files (0.09 GB) are deleted" in shown(at)
    assert (minilm_home / "models" / EMBEDDER).exists()  # it asks first


def test_one_that_cannot_be_loaded_is_a_sentence(screen, home: Path) -> None:
    folder = home / "models" / EMBEDDER
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"damaged")
    at = screen("work/models")
    at.button(key=f"test_embedder_{EMBEDDER}").click().run(timeout=60)
    assert not at.exception
    assert "pull it again" in shown(at)


def test_the_vectors_of_a_handbook_have_a_row_of_their_own(screen, store: Store) -> None:
    with store.write() as session:
        job_rows.add_job(
            kind="embed",
            params={"handbook": "my-handbook"},
            status="stopped",
            done=1_200,
            total=3_000,
            by="tester",
            session=session,
        )
    at = screen("work/runs")
    assert not at.exception
    assert "Vectors of my\\-handbook" in shown(at)
