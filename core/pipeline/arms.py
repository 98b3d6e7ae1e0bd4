"""The arms of a comparison: ways to put one problem to a model.

`plain` asks as it is. The `bci-` arms give behaviors of a handbook: of the problem's topic, the
nearest by meaning, by meaning and words (hybrid), picked by hand (fixed), or during the reply
(dynamic). Three controls tell whether it is the behaviors that help: `concise` (plain, asked to be
brief), `random` (as many drawn at random, of nearly the same length) and `names-only`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import BadInput
from core.retrieval.query import Way

ArmKind = Literal[
    "plain",
    "bci-topic",
    "bci-embedding",
    "bci-hybrid",
    "bci-fixed",
    "bci-dynamic",
    "concise",
    "random",
    "names-only",
]
KINDS: tuple[ArmKind, ...] = get_args(ArmKind)
RETRIEVED: dict[ArmKind, Way] = {
    "bci-topic": "topic",
    "bci-embedding": "embedding",
    "bci-hybrid": "hybrid",
}
# What draws on the behaviors of another arm: as many, as long, or the same without instructions.
CONTROLS: tuple[ArmKind, ...] = ("random", "names-only")
# What no behavior is given to.
WITHOUT: tuple[ArmKind, ...] = ("plain", "concise")
# Other words for a kind. The paper retrieves by topic for MATH and by embedding for AIME.
ALIASES: dict[str, ArmKind] = {"bci": "bci-embedding"}
# Beside each other on a screen; and as rows of a report's tables.
MOST_ARMS, MOST_EVALUATED = 6, 24


@dataclass(frozen=True)
class Arm:
    """`label` names it in the comparison; `model` is the endpoint that is asked.

    `handbook` is the slug of the handbook it draws on; empty for that of the whole comparison.
    """

    label: str
    kind: ArmKind
    model: str
    handbook: str = ""


def arm(text: str, model: str) -> Arm:
    """`bci-topic` for the given model, or `bci-topic:other-handbook@other-model`."""
    label = text.strip()
    name, _at, other = label.partition("@")
    name, _colon, handbook = name.partition(":")
    kind = ALIASES.get(name, name)
    if kind not in KINDS:
        known = ", ".join([*KINDS, *ALIASES])
        raise BadInput(f"There is no arm {name!r}. There are: {known}.")
    if handbook and kind in (*WITHOUT, "bci-fixed"):
        raise BadInput(f"The arm {kind} draws on no handbook; leave out {':' + handbook!r}.")
    return Arm(label, kind, other.strip() or model, handbook.strip())


def asked_of_each(texts: Iterable[str], models: Sequence[str]) -> tuple[Arm, ...]:
    """The same arms for each of the models: after the first, with the model in their labels."""
    listed = list(texts)
    return tuple(
        arm(text if model == models[0] else f"{text}@{model}", models[0])
        for model in models
        for text in listed
    )


def check(arms: Sequence[Arm], least: int = 2, most: int = MOST_ARMS) -> None:
    """Raises on what cannot be compared: too few or too many arms, or one of them twice."""
    if not least <= len(arms) <= most:
        raise BadInput(f"Take {least} to {most} arms, not {len(arms)}.")
    labels = [arm.label for arm in arms]
    same = [(arm.kind, arm.model, arm.handbook) for arm in arms]
    if len(set(labels)) < len(labels) or len(set(same)) < len(same):
        raise BadInput("An arm is there twice. Take each arm once for each model and handbook.")


def reference_way(arms: Sequence[Arm], handbook: str = "") -> ArmKind:
    """The arm whose behaviors a control on this handbook goes by: the first on the same one that
    gets any; else as the first on another retrieves, else by embedding.
    """
    own = [arm for arm in arms if arm.handbook == handbook]
    giving = [arm.kind for arm in own if arm.kind in RETRIEVED or arm.kind == "bci-fixed"]
    retrieving = [arm.kind for arm in arms if arm.kind in RETRIEVED]
    return next(iter([*giving, *retrieving]), "bci-embedding")
