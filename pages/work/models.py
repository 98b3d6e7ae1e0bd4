"""Models: what can be worked with, what is found on this machine, what can be downloaded.

And the embedders, which a workbench has one of.
"""

import streamlit as st

from core.llm.endpoints import discover
from core.store import jobs as job_rows
from core.store.records import Job
from pages.ui import services
from pages.ui.endpoint_form import open_drawer
from pages.ui.model_rows import draw_discovery, draw_download, draw_embedder, draw_endpoint

LOOK_SECONDS = 0.5

app = services.app()
offers = app.models.offers()

with st.container(horizontal=True, vertical_alignment="center"):
    st.header("Models", anchor=False, width="stretch")
    if st.button("Add an endpoint", icon=":material/add:", key="models_add", type="primary"):
        open_drawer(None)

st.subheader("Ready to use", anchor=False)
ready = [offer for offer in offers if offer.ready]
for offer in ready:
    draw_endpoint(offer)
if not ready:
    st.caption("None yet. Download one below, or add an endpoint: vLLM, Ollama, a hosted service.")


@st.cache_data(ttl=15, max_entries=1, show_spinner=False)
def found_here() -> list[tuple[str, str, tuple[str, ...]]]:
    return [(found.server, found.base_url, found.models) for found in discover()]


taken = {offer.endpoint.base_url for offer in offers}
new = [found for found in found_here() if found[1] not in taken]
if new:
    st.subheader("Found on this machine", anchor=False)
    st.caption("These servers answer here. None of them is used until you add it.")
    for server, base_url, models in new:
        draw_discovery(server, base_url, models)


def pulls_or_rerun(going_on: list[int]) -> list[Job]:
    """All downloads; what was drawn above changes as soon as one begins or ends."""
    with app.store.read() as session:
        pulls = job_rows.jobs(kind="pull", session=session)
    if [job.id for job in pulls if job.active] != going_on:
        st.rerun()
    return pulls


def draw_models(going_on: list[int]) -> None:
    pulls = pulls_or_rerun(going_on)
    for offer in app.models.offers():
        if offer.entry and not offer.ready:
            draw_download(offer.entry, pulls)


def draw_embedders(going_on: list[int]) -> None:
    pulls = pulls_or_rerun(going_on)
    for offer in app.models.embedder_offers():
        if not offer.ready:
            draw_download(offer.entry, pulls)


app.jobs.sweep()
with app.store.read() as session:
    active = [job.id for job in job_rows.jobs(kind="pull", session=session) if job.active]
look_again = LOOK_SECONDS if active else None

st.subheader("To download", anchor=False)
st.caption("They run on this machine, in a server that Vademecum starts and stops itself.")
st.fragment(draw_models, run_every=look_again)(active)

st.subheader("Embedders", anchor=False)
st.caption(
    "An embedder finds behaviors by meaning: neighbours, duplicates, search. It runs on this "
    "machine. One is enough; of several the first is used."
)
for offer in app.models.embedder_offers():
    if offer.ready:
        draw_embedder(offer)
st.fragment(draw_embedders, run_every=look_again)(active)
