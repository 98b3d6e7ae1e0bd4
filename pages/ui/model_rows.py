"""The rows of the Models screen: an endpoint, a found server, an embedder, a download."""

from dataclasses import replace

import streamlit as st

from core.llm import endpoints
from core.llm.catalogue import Download, EmbedderEntry
from core.llm.models import EmbedderOffer, Offer
from core.llm.probe import Probe, probe
from core.retrieval.embedder import Measured, measure
from core.store.records import Endpoint, Job
from pages.ui import amounts, services
from pages.ui.endpoint_form import EMPTY, open_drawer
from pages.ui.errors import shown_errors
from pages.ui.jobs import draw_job_buttons
from pages.ui.markdown import escaped
from pages.ui.state import curator

MIDWAY = {"continue": "it goes on", "tool": "by a call", "none": "no", None: "unknown"}


def draw_endpoint(offer: Offer) -> None:
    endpoint = offer.endpoint
    with st.container(border=True, key=f"endpoint_{endpoint.name}"):
        what, actions = st.columns([7, 4], vertical_alignment="center")
        with what:
            st.markdown(f"**{escaped(endpoint.name)}**")
            st.caption(_facts(offer))
        with actions, st.container(horizontal=True, horizontal_alignment="right"):
            tested = st.button("Test", icon=":material/speed:", key=f"test_{endpoint.name}")
            if not offer.entry and st.button(
                "Edit", icon=":material/edit:", key=f"change_{endpoint.name}"
            ):
                open_drawer(endpoint)
            if st.button(
                "", icon=":material/delete:", key=f"remove_{endpoint.name}", help="Remove"
            ):
                confirm_remove(endpoint.name, offer.entry)
        if tested:
            with st.spinner("Asking two short questions …"), shown_errors():
                _draw_probe(_test(endpoint))


def draw_discovery(server: str, base_url: str, models: tuple[str, ...]) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        names = ", ".join(models[:4]) or "no model loaded"
        st.markdown(f"**{server}** at {escaped(base_url)} · {escaped(names)}", width="stretch")
        if st.button("Add", icon=":material/add:", key=f"found_{base_url}"):
            name = server.lower().replace(" ", "-").replace(".", "-")
            model = models[0] if models else ""
            open_drawer(replace(EMPTY, name=name, base_url=base_url, model=model), fresh=True)


def draw_embedder(offer: EmbedderOffer) -> None:
    name = offer.entry.name
    with st.container(border=True, key=f"embedder_{name}"):
        what, actions = st.columns([7, 4], vertical_alignment="center")
        with what:
            st.markdown(f"**{escaped(name)}**")
            st.caption(_embedder_facts(offer.entry))
        with actions, st.container(horizontal=True, horizontal_alignment="right"):
            tested = st.button("Test", icon=":material/speed:", key=f"test_embedder_{name}")
            if st.button(
                "", icon=":material/delete:", key=f"remove_embedder_{name}", help="Remove"
            ):
                confirm_remove(name, offer.entry)
        if tested:
            with st.spinner("Loading it and embedding two sentences …"), shown_errors():
                _draw_measured(measure(services.app().embedder(name)))


def draw_download(entry: Download, pulls: list[Job]) -> None:
    last = next((job for job in pulls if job.params.get("model") == entry.name), None)
    with st.container(border=True, key=f"download_{entry.name}"):
        what, actions = st.columns([7, 4])
        with what:
            st.markdown(f"**{escaped(entry.title)}**")
            size = amounts.gigabytes(entry.size)
            st.caption(f"{escaped(entry.about)} · {entry.licence} · {size}")
        with actions, st.container(horizontal_alignment="right"):
            if last and last.active:
                draw_job_buttons(last, key="pull")
            elif st.button("Download", icon=":material/download:", key=f"pull_{entry.name}"):
                services.app().pull(entry.name, by=curator())
                st.rerun()
        if last and last.active:
            share = min(1.0, last.done / last.total) if last.total else 0.0
            st.progress(share, f"{last.done / 1e6:,.0f} MB · {last.note}")
        elif last and last.status == "failed":
            st.error(escaped(last.note), icon=":material/error:")


@st.dialog("Remove this?", icon=":material/delete:")
def confirm_remove(name: str, entry: Download | None) -> None:
    """Asks first; an endpoint has no entry."""
    size = f" ({amounts.gigabytes(entry.size)})" if entry and entry.size else ""
    if isinstance(entry, EmbedderEntry):
        st.write(f"Its files{size} are deleted; they can be downloaded again. Vectors stay.")
    elif entry:
        st.write(f"The file{size} is deleted; it can be downloaded again. Runs stay.")
    else:
        st.write("The endpoint is forgotten. Runs made with it stay.")
    with st.container(horizontal=True):
        if st.button("Remove", type="primary", icon=":material/delete:", key="remove_yes"):
            app = services.app()
            with shown_errors():
                if entry:
                    app.models.remove_file(name)
                else:
                    endpoints.remove(app.store, name)
                st.rerun()
        if st.button("Keep", key="remove_no"):
            st.rerun()


def _test(endpoint: Endpoint) -> Probe:
    app = services.app()
    seen = probe(endpoint, app.models.chat_of)
    if seen.problem is None:
        endpoints.note_found(app.store, endpoint, seen.found)
    return seen


def _draw_probe(seen: Probe) -> None:
    if seen.problem:
        st.error(escaped(seen.problem), icon=":material/error:")
        return
    with st.container(horizontal=True):
        speed = "unknown" if seen.tokens_per_second is None else f"{seen.tokens_per_second:.1f}"
        st.metric("Tokens a second", speed, width="content")
        st.metric("First token", amounts.seconds(seen.first_token_seconds), width="content")
        st.metric("Thinking", seen.thinking, width="content")
        st.metric("Token counts", "yes" if seen.usage else "no", width="content")
        st.metric("Seed", "yes" if seen.seed else "no", width="content")
        st.metric("JSON schema", "yes" if seen.schema else "no", width="content")
        st.metric("Taken in on the way", MIDWAY[seen.midway], width="content")
    st.caption(f"{escaped(seen.model)} answered: {escaped(seen.said)}")


def _draw_measured(seen: Measured) -> None:
    with st.container(horizontal=True):
        st.metric("Texts a second", f"{seen.texts_per_second:.1f}", width="content")
        st.metric("Dimensions", seen.dimensions, width="content")
        st.metric("Loaded in", amounts.seconds(seen.load_seconds), width="content")


def _embedder_facts(entry: EmbedderEntry) -> str:
    facts = [escaped(entry.about), "on this machine", entry.licence]
    facts += [amounts.gigabytes(entry.size)] if entry.size else []
    return " · ".join([*facts, f"{entry.dimensions:,} dimensions"])


def _facts(offer: Offer) -> str:
    endpoint = offer.endpoint
    if offer.entry:
        facts = [escaped(offer.entry.title), "on this machine", offer.entry.licence]
    else:
        facts = [escaped(endpoint.model), escaped(endpoint.base_url)]
        if endpoint.key_env:
            facts.append(f"key in `{endpoint.key_env}`")
        if endpoint.price_in is not None and endpoint.price_out is not None:
            facts.append(rf"\${endpoint.price_in:g} in, \${endpoint.price_out:g} out per million")
        if speed := endpoint.found.get("tokens_per_second"):
            facts.append(f"{speed:.1f} tokens/s when tested")
    if endpoint.context_length:
        facts.append(f"context {endpoint.context_length:,}")
    return " · ".join(facts)
