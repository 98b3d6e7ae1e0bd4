"""Retrieval as a panel: what a problem gets, why, and the prompt that would be sent."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.figures.retrieval import effect_of_k
from core.pipeline import condition
from core.retrieval.query import WAYS, Query, Retrieved
from core.retrieval.retriever import retrieve, similarities
from core.store.records import Handbook
from pages.ui import amounts, services
from pages.ui.errors import shown_errors
from pages.ui.jobs import watch
from pages.ui.markdown import escaped, model_markdown
from pages.ui.state import curator

MOST_K = 100
FOUND = "found by nearness"
ICONS = {"pin": ":material/keep:", "drop": ":material/close:"}


def draw_retrieval(
    book: Handbook, problem: str, key: str, *, model_of_form: str | None = None
) -> Retrieved | None:
    """None where it cannot be done; the reason is then on the screen. `key` names the place.

    Inside a form, whose model it is for, it has little width: what is found stands below.
    """
    app = services.app()
    if job := app.embed(book.slug, by=curator()):
        st.caption("Some behaviors have no vector yet; they are computed first.")
        watch(job)
        return None
    app.embed_problems(by=curator())  # in the background: those with a topic will vote
    controls, results = _places(narrow=model_of_form is not None)
    with controls:
        model = model_of_form or _choose_model(key)
        query = _draw_query(book, problem, key, model)
    with results, shown_errors():
        with st.spinner("Retrieving …"):
            found = retrieve(app.sources, book.id, query)
        _draw_topic(found)
        _draw_hits(found, key)
        _draw_effect(book, found, query)
        _draw_prompt(found, problem, model, key, on_opening=model_of_form is not None)
        return found
    return None


def _places(*, narrow: bool) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where the controls stand, and where what is found."""
    if narrow:
        return st.container(), st.container()
    controls, results = st.columns([1, 2], gap="medium")
    return controls, results


def _choose_model(key: str) -> str | None:
    return st.selectbox(
        "For the model",
        services.app().models.ready_names(),
        index=None,
        key=f"{key}_model",
        placeholder="to count its tokens",
        persist_state="session",
    )


def _draw_query(book: Handbook, problem: str, key: str, model: str | None) -> Query:
    app = services.app()
    by = st.segmented_control(
        "Retrieve by",
        WAYS,
        default=WAYS[0],
        required=True,
        key=f"{key}_by",
        persist_state="session",
        wrap=True,
    )
    by = by or WAYS[0]
    topics = app.sources.topics(book.id)
    topic = st.selectbox("Topic", [FOUND, *topics], key=f"{key}_topic", persist_state="session")
    usual = app.usual_k(model)
    all_of_it = by == "topic" and not st.toggle(
        "At most K of the topic", key=f"{key}_cap", persist_state="session"
    )
    k = st.slider(
        "K",
        1,
        MOST_K,
        usual,
        key=f"{key}_k_{usual}",
        disabled=all_of_it,
        persist_state="session",
    )
    floor = st.slider(
        "Similarity of at least",
        0.0,
        1.0,
        0.0 if by == "topic" else app.unrelated,
        0.01,
        key=f"{key}_floor_{by == 'topic'}",
        persist_state="session",
    )
    diversity = st.slider(
        "Diversity",
        0.0,
        1.0,
        0.0,
        0.05,
        key=f"{key}_diversity",
        persist_state="session",
        help="Maximal marginal relevance: 0 takes the most alike, more avoids what is already said",
    )
    kept = _kept(key)
    return Query(
        problem,
        by,
        None if all_of_it else k,
        "" if topic == FOUND else topic,
        floor,
        diversity,
        pinned=tuple(kept["pin"]),
        dropped=tuple(kept["drop"]),
    )


def _kept(key: str) -> dict[str, list[int]]:
    """What a person pinned or dropped for this problem."""
    kept: dict[str, list[int]] = st.session_state.setdefault(f"{key}_kept", {"pin": [], "drop": []})
    return kept


def _keep(key: str, what: str, behavior_id: int) -> None:
    """Pins or drops; the same again takes it back."""
    kept = {name: [n for n in ids if n != behavior_id] for name, ids in _kept(key).items()}
    if behavior_id not in _kept(key)[what]:
        kept[what].append(behavior_id)
    st.session_state[f"{key}_kept"] = kept


def _keep_none(key: str) -> None:
    st.session_state[f"{key}_kept"] = {"pin": [], "drop": []}


def _draw_topic(found: Retrieved) -> None:
    if found.confidence is None:
        st.markdown(f"Topic: **{escaped(found.topic or 'none')}**")
        return
    others = [f"{escaped(t)} {share:.0%}" for t, share in list(found.votes.shares.items())[1:4]]
    st.markdown(
        f"Topic: **{escaped(found.topic)}**, {found.confidence:.0%} of the vote of the nearest "
        f"labelled problems and behaviors. :gray[Then {', '.join(others) or 'nothing'}.]"
    )


def _draw_hits(found: Retrieved, key: str) -> None:
    if not found.hits:
        st.caption("No behavior is similar enough: the problem would be sent without any.")
    kept = _kept(key)
    with st.container(height=360 if len(found.hits) > 4 else "content", border=bool(found.hits)):
        for hit in found.hits:
            number = hit.behavior.id
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                with st.container(gap=None, width="stretch"):
                    score = "" if hit.score is None else f" :gray[{hit.score:.3f}]"
                    st.markdown(f"{hit.rank}. `{hit.behavior.name}`{score}")
                    st.caption(model_markdown(hit.behavior.instruction))
                    st.caption(f":material/arrow_right: {escaped(hit.why)}")
                _draw_button("pin", "Pin: always sent", number in kept["pin"], key, number)
                _draw_button("drop", "Drop: not sent this time", False, key, number)
    if kept["pin"] or kept["drop"]:
        st.button(
            f"Take back {len(kept['pin'])} pinned and {len(kept['drop'])} dropped",
            type="tertiary",
            icon=":material/undo:",
            key=f"{key}_none",
            on_click=_keep_none,
            args=(key,),
        )


def _draw_button(what: str, help: str, on: bool, key: str, number: int) -> None:
    st.button(
        "",
        icon=ICONS[what],
        key=f"{key}_{what}_{number}",
        type="primary" if on else "tertiary",
        help=help,
        on_click=_keep,
        args=(key, what, number),
    )


def _draw_effect(book: Handbook, found: Retrieved, query: Query) -> None:
    """What a larger or smaller K would bring."""
    app = services.app()
    if found.by == "topic" or not found.hits:
        return
    with st.expander("The effect of K", icon=":material/show_chart:"):
        falling = similarities(app.sources, book.id, query.problem, MOST_K)
        st.plotly_chart(
            effect_of_k(falling, query.k or len(found.hits), query.at_least),
            alt="Similarity by rank",
            key=f"effect_{book.id}",
        )
        st.caption("Behaviors to the right of the line, or below it, are not sent.")


def _draw_prompt(
    found: Retrieved, problem: str, model: str | None, key: str, *, on_opening: bool
) -> None:
    """Its tokens are counted `on_opening` where nobody chose a model in order to have them counted:
    a model of this machine would be started for it.
    """
    messages = condition.messages(problem, [hit.behavior for hit in found.hits])
    content = "\n\n".join(message["content"] for message in messages)
    label = "The prompt" if on_opening else f"The prompt, {_counted(content, model)}"
    prompt = st.expander(
        label,
        icon=":material/chat:",
        key=f"{key}_prompt",
        on_change="rerun" if on_opening else "ignore",
    )
    with prompt:
        if on_opening and prompt.open:
            st.caption(escaped(_counted(content, model)))
        st.caption("Behaviors stand by topic and name, so that problems share their beginning.")
        st.code(content, language=None, wrap_lines=True)


def _counted(content: str, model: str | None) -> str:
    if model is None:
        return "tokens unknown until a model is chosen"
    with st.spinner("Counting tokens …"):
        count = _tokens(model, content)
    return f"{amounts.tokens(count)} by {model}"


@st.cache_data(max_entries=256, show_spinner=False)
def _tokens(model: str, content: str) -> int | None:
    return services.app().models.chat(model).count_tokens(content)
