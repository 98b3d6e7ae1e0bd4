"""Settings from the environment."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.settings import Settings

NUMBERS = {
    "VADEMECUM_FIRST_CHUNK_SECONDS": "first_chunk_seconds",
    "VADEMECUM_STALL_SECONDS": "stall_seconds",
    "VADEMECUM_RETRIES": "retries",
    "VADEMECUM_THREADS": "threads",
}


def test_without_an_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_env({})
    assert settings.home == tmp_path / ".vademecum"
    assert settings.database_url == f"sqlite:///{tmp_path}/.vademecum/vademecum.db"
    assert settings.models_folder == settings.home / "models"
    assert settings.user
    assert (settings.first_chunk_seconds, settings.stall_seconds, settings.retries) == (300, 60, 4)
    assert 1 <= settings.threads <= 8
    assert not list(tmp_path.iterdir()), "settings only say where, they make nothing"


def test_the_environment_is_obeyed(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "VADEMECUM_HOME": str(tmp_path),
            "VADEMECUM_DATABASE_URL": "postgresql://somewhere/x",
            "VADEMECUM_USER": "Ann",
            "VADEMECUM_FIRST_CHUNK_SECONDS": "1.5",
            "VADEMECUM_STALL_SECONDS": " 2 ",
            "VADEMECUM_RETRIES": "0",
            "VADEMECUM_THREADS": "3",
        }
    )
    assert settings == Settings(tmp_path, "postgresql://somewhere/x", "Ann", 1.5, 2.0, 0, 3)


def test_empty_variables_count_as_none(tmp_path: Path) -> None:
    names = ["VADEMECUM_DATABASE_URL", "VADEMECUM_USER", *NUMBERS]
    home = {"VADEMECUM_HOME": str(tmp_path)}
    assert Settings.from_env({**home, **dict.fromkeys(names, "")}) == Settings.from_env(home)


def test_the_home_folder_may_be_relative_or_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ann")
    assert Settings.from_env({"VADEMECUM_HOME": "x/y"}).home == tmp_path / "x" / "y"
    assert Settings.from_env({"VADEMECUM_HOME": "~/x"}).home == Path("/home/ann/x")


def test_a_home_folder_of_nobody_is_refused() -> None:
    with pytest.raises(BadInput, match="VADEMECUM_HOME is '~nobody-here-7/x'"):
        Settings.from_env({"VADEMECUM_HOME": "~nobody-here-7/x"})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["many", "-1", "-0.5", "nan", "inf", "1e999", "1 2", "0x2"])
def test_what_is_no_number_of_at_least_zero_is_refused(name: str, text: str) -> None:
    with pytest.raises(BadInput) as caught:
        Settings.from_env({name: text})
    assert str(caught.value) == f"{name} is {text!r}; it has to be a number of at least 0."


@given(name=st.sampled_from(sorted(NUMBERS)), text=st.text(max_size=8))
def test_any_text_is_a_number_or_refused(name: str, text: str) -> None:
    try:
        assert getattr(Settings.from_env({name: text}), NUMBERS[name]) >= 0
    except BadInput as error:
        assert name in str(error)


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.from_env({}).retries = 7  # type: ignore[misc]
