"""The drawer that adds or changes an endpoint."""

from dataclasses import replace

import streamlit as st

from core.llm import endpoints
from core.store.records import Endpoint
from pages.ui import services
from pages.ui.errors import shown_errors

EMPTY = Endpoint(
    id=None,
    name="",
    base_url="",
    model="",
    key_env=None,
    context_length=None,
    price_in=None,
    price_cached=None,
    price_out=None,
    thinking="auto",
    concurrency=8,
    found={},
)
OPENED = "endpoint_opened"
THINKING_LABELS = {
    "auto": "find out",
    "reasoning_content": "in a field of its own",
    "tags": "in <think> tags",
    "none": "it does not think",
}


def open_drawer(known: Endpoint | None, fresh: bool = False) -> None:
    st.session_state[OPENED] = st.session_state.get(OPENED, 0) + 1
    endpoint_drawer(known, st.session_state[OPENED], fresh)


@st.dialog("Endpoint", position="right", width="medium", icon=":material/dns:")
def endpoint_drawer(known: Endpoint | None, form: int, fresh: bool = False) -> None:
    """`known` fills the form; `fresh` says that it is a suggestion and not in the list yet.

    `form` is another number at each opening: what was typed into the last one is gone.
    """
    before = known or EMPTY
    is_new = known is None or fresh
    endpoint = _draw_prices(_draw_address(before, is_new, form), form)
    if st.button("Save", type="primary", icon=":material/save:", key="endpoint_save"):
        if (endpoint.base_url, endpoint.model) != (before.base_url, before.model):
            endpoint = replace(endpoint, found={})  # what a test saw was another server's
        with shown_errors():
            keep = endpoints.add if is_new else endpoints.change
            keep(services.app().store, endpoint)
            st.rerun()


def _draw_address(before: Endpoint, is_new: bool, form: int) -> Endpoint:
    """Where it is and how it is asked."""
    name = st.text_input(
        "Name",
        before.name,
        key=f"endpoint_name_{form}",
        disabled=not is_new,
        placeholder="my-vllm",
    )
    base_url = st.text_input(
        "Base URL",
        before.base_url,
        key=f"endpoint_base_url_{form}",
        placeholder="http://127.0.0.1:8000/v1",
    )
    model = st.text_input(
        "Model",
        before.model,
        key=f"endpoint_model_{form}",
        placeholder="As the server calls it",
    )
    key_env = st.text_input(
        "Variable with the key",
        before.key_env or "",
        key=f"endpoint_key_env_{form}",
        placeholder="OPENAI_API_KEY; empty where no key is needed",
        help="The name of the environment variable. The key itself is never stored.",
    )
    thinking = st.selectbox(
        "Its thinking arrives",
        endpoints.THINKING,
        endpoints.THINKING.index(before.thinking),
        format_func=THINKING_LABELS.__getitem__,
        key=f"endpoint_thinking_{form}",
    )
    return replace(
        before,
        name=name.strip(),
        base_url=base_url.strip(),
        model=model.strip(),
        key_env=key_env.strip() or None,
        thinking=thinking,
    )


def _draw_prices(before: Endpoint, form: int) -> Endpoint:
    """Its limits and what it costs."""
    left, right = st.columns(2)
    concurrency = left.number_input(
        "Requests at a time", 1, 256, before.concurrency, key=f"endpoint_concurrency_{form}"
    )
    context = right.number_input(
        "Context length", 256, None, before.context_length, 1024, key=f"endpoint_context_{form}"
    )
    st.caption("Prices per million tokens, for the cost of runs; empty where they are not known.")
    columns = st.columns(3)
    price_in = columns[0].number_input("Input", 0.0, None, before.price_in, key=f"price_in_{form}")
    price_cached = columns[1].number_input(
        "Cached input", 0.0, None, before.price_cached, key=f"price_cached_{form}"
    )
    price_out = columns[2].number_input(
        "Output", 0.0, None, before.price_out, key=f"price_out_{form}"
    )
    return replace(
        before,
        concurrency=int(concurrency),
        context_length=int(context) if context else None,
        price_in=price_in,
        price_cached=price_cached,
        price_out=price_out,
    )
