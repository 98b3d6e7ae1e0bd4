"""The arms of a comparison: how they are named, and which of them can be compared."""

import pytest

from core.errors import BadInput
from core.pipeline.arms import (
    ALIASES,
    KINDS,
    MOST_ARMS,
    Arm,
    arm,
    asked_of_each,
    check,
    reference_way,
)


def arms(text: str) -> list[Arm]:
    return [arm(one, "small") for one in text.split()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_called_by_its_name(kind: str) -> None:
    assert arm(kind, "small") == Arm(kind, kind, "small")


def test_the_papers_word_means_its_way_to_retrieve() -> None:
    assert arm("bci", "small") == Arm("bci", "bci-embedding", "small")
    assert set(ALIASES) == {"bci"}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("plain@large", Arm("plain@large", "plain", "large")),
        ("bci@large", Arm("bci@large", "bci-embedding", "large")),
        (" bci-topic@large ", Arm("bci-topic@large", "bci-topic", "large")),
        ("plain@", Arm("plain@", "plain", "small")),
    ],
)
def test_an_arm_may_have_a_model_of_its_own(text: str, made: Arm) -> None:
    assert arm(text, "small") == made


@pytest.mark.parametrize("text", ["", "bare", "BCI", "bci_topic", "@large", "strategist"])
def test_an_arm_that_there_is_not_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        arm(text, "small")
    assert all(kind in str(refused.value) for kind in (*KINDS, "bci"))
    assert repr(text.partition("@")[0]) in str(refused.value)


@pytest.mark.parametrize("number", range(2, MOST_ARMS + 1))
def test_two_to_six_arms_can_be_compared(number: int) -> None:
    check([arm(kind, "small") for kind in KINDS[:number]])


@pytest.mark.parametrize("number", [0, 1, 7, 9])
def test_fewer_or_more_cannot(number: int) -> None:
    with pytest.raises(BadInput, match=f"2 to 6 arms, not {number}"):
        check([arm(kind, "small") for kind in KINDS[:number]])


@pytest.mark.parametrize(
    "twice",
    ["plain plain", "bci bci-embedding", "plain plain@small", "bci@large bci-embedding@large"],
)
def test_an_arm_is_there_once(twice: str) -> None:
    with pytest.raises(BadInput, match="twice"):
        check(arms(twice))


def test_arms_are_asked_of_each_model() -> None:
    found = asked_of_each(["plain", "bci-topic:other"], ["small", "large"])
    assert found == (
        Arm("plain", "plain", "small"),
        Arm("bci-topic:other", "bci-topic", "small", "other"),
        Arm("plain@large", "plain", "large"),
        Arm("bci-topic:other@large", "bci-topic", "large", "other"),
    )
    check(found)


def test_the_same_way_with_two_models_are_two_arms() -> None:
    check(arms("plain plain@large bci bci@large"))


@pytest.mark.parametrize(
    ("listed", "way"),
    [
        ("plain random", "bci-embedding"),
        ("random bci-topic", "bci-topic"),
        ("names-only bci-hybrid bci-topic", "bci-hybrid"),
        ("random bci-fixed", "bci-fixed"),
        ("random bci-dynamic", "bci-embedding"),
    ],
)
def test_controls_go_by_the_first_arm_that_gets_behaviors(listed: str, way: str) -> None:
    assert reference_way(arms(listed)) == way


@pytest.mark.parametrize(
    ("listed", "handbook", "way"),
    [
        ("bci-topic bci-hybrid:other random:other", "other", "bci-hybrid"),
        ("bci-hybrid:other bci-topic random", "", "bci-topic"),
        ("bci-topic random:other", "other", "bci-topic"),
        ("bci-topic:other random", "", "bci-topic"),
        ("bci-fixed random:other", "other", "bci-embedding"),  # picked from one handbook only
    ],
)
def test_a_control_goes_by_an_arm_on_its_own_handbook(listed: str, handbook: str, way: str) -> None:
    assert reference_way(arms(listed), handbook) == way
