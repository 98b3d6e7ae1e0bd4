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
THINKING_LABELS = {
    "auto": "find out",
    "reasoning_content": "in a field of its own",
    "tags": "in <think> tags",
    "none": "it does not think",
}


@st.dialog("Endpoint", position="right", width="medium", icon=":material/dns:")
def endpoint_drawer(known: Endpoint | None, fresh: bool = False) -> None:
    """`known` fills the form; `fresh` says that it is a suggestion and not in the list yet."""
    before = known or EMPTY
    is_new = known is None or fresh
    name = st.text_input(
        "Name", before.name, key="endpoint_name", disabled=not is_new, placeholder="my-vllm"
    )
    base_url = st.text_input(
        "Base URL",
        before.base_url,
        key="endpoint_base_url",
        placeholder="http://127.0.0.1:8000/v1",
    )
    model = st.text_input(
        "Model", before.model, key="endpoint_model", placeholder="As the server calls it"
    )
    key_env = st.text_input(
        "Variable with the key",
        before.key_env or "",
        key="endpoint_key_env",
        placeholder="OPENAI_API_KEY; empty where no key is needed",
        help="The name of the environment variable. The key itself is never stored.",
    )
    st.caption("Prices per million tokens, for the cost of runs; empty where they are not known.")
    columns = st.columns(3)
    price_in = columns[0].number_input("Input", 0.0, None, before.price_in, key="endpoint_in")
    price_cached = columns[1].number_input(
        "Cached input", 0.0, None, before.price_cached, key="endpoint_cached"
    )
    price_out = columns[2].number_input("Output", 0.0, None, before.price_out, key="endpoint_out")
    left, right = st.columns(2)
    concurrency = left.number_input(
        "Requests at a time", 1, 256, before.concurrency, key="endpoint_concurrency"
    )
    context = right.number_input(
        "Context length", 256, None, before.context_length, 1024, key="endpoint_context"
    )
    thinking = st.selectbox(
        "Its thinking arrives",
        endpoints.THINKING,
        endpoints.THINKING.index(before.thinking),
        format_func=THINKING_LABELS.__getitem__,
        key="endpoint_thinking",
    )
    if st.button("Save", type="primary", icon=":material/save:", key="endpoint_save"):
        endpoint = replace(
            before,
            name=name.strip(),
            base_url=base_url,
            model=model.strip(),
            key_env=key_env.strip() or None,
            price_in=price_in,
            price_cached=price_cached,
            price_out=price_out,
            concurrency=int(concurrency),
            context_length=int(context) if context else None,
            thinking=thinking,
        )
        with shown_errors():
            keep = endpoints.add if is_new else endpoints.change
            keep(services.app().store, endpoint)
            st.rerun()
