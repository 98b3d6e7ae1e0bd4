"""Which arms are asked: one pill for each, and what the chosen ones are."""

from collections.abc import Sequence

import streamlit as st

from core.evaluation.comparison.board import about, title
from core.pipeline.arms import MOST_ARMS, WITHOUT, ArmKind
from pages.ui import services
from pages.ui.markdown import escaped


def choose_arms(
    form: str,
    least: int,
    offered: Sequence[ArmKind],
    usual: Sequence[ArmKind],
    models: Sequence[str] = (),
    most: int = MOST_ARMS,
) -> list[ArmKind]:
    """`models` are those that will be asked."""
    kinds = st.pills(
        f"Arms, {least} to {min(most, len(offered))}",
        offered,
        selection_mode="multi",
        default=usual,
        format_func=title,
        key=f"{form}_arms",
        persist_state="session",
        wrap=True,
    )
    st.caption("  \n".join(f"{_called(kind)}: {about(kind)}" for kind in kinds))
    if len(kinds) > most:
        st.warning(f"At most {most} arms can be compared: leave out {len(kinds) - most}.")
    _tell_of_embedder(kinds)
    if "bci-dynamic" in kinds:
        _tell_of_midway(models)
    return list(kinds)


def _called(kind: ArmKind) -> str:
    """With the name it has in reports and on the command line, where that is another one."""
    name = title(kind)
    return f"**{name}**" if name.lower() == kind else f"**{name}** (`{kind}`)"


def _tell_of_embedder(kinds: Sequence[ArmKind]) -> None:
    """Before the run fails for it."""
    needy = [kind for kind in kinds if kind not in (*WITHOUT, "bci-fixed")]
    if not needy or services.app().embedder_name():
        return
    st.warning(
        f"{', '.join(map(title, needy))}: behaviors are found by meaning, which needs an embedder, "
        "and none is downloaded. Only by topic, where the topic is named, can they be found "
        "without one.",
        icon=":material/download:",
    )
    st.page_link("pages/work/models.py", label="Get one on Models", icon=":material/memory:")


def _tell_of_midway(models: Sequence[str]) -> None:
    """Before the run fails for it. Nothing is asked here: an endpoint may take long to answer."""
    known = services.app().models
    untested = [name for name in models if "midway" not in known.endpoint(name).found]
    unable = [name for name in models if name not in untested and known.midway(name) == "none"]
    called = title("bci-dynamic")
    if unable:
        st.warning(
            f"{called}: {escaped(' and '.join(unable))} can neither go on from a begun reply nor "
            "call a function, as a test found, so this arm will fail. Leave it out, choose another "
            "model, or test the endpoint again.",
            icon=":material/error:",
        )
    if untested:
        st.caption(
            f":material/help: {called}: whether {escaped(' and '.join(untested))} can take in "
            "behaviors during a reply is not known. The run finds out first, with one or two short "
            "requests, and this arm fails if not; a test on Models tells beforehand."
        )
    if unable or untested:
        st.page_link("pages/work/models.py", label="Test on Models", icon=":material/memory:")
