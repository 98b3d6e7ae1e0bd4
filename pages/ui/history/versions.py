"""Named versions of a handbook: name one, restore one, export one."""

import io
import zipfile

import streamlit as st

from core.handbook import files, shelf, versions
from core.store import handbooks as handbook_rows
from core.store.records import Handbook, Version
from pages.ui import amounts, services
from pages.ui.errors import shown_errors
from pages.ui.markdown import escaped
from pages.ui.state import curator


def draw_versions(handbook: Handbook) -> None:
    found = versions.versions(services.app().store, handbook.slug)
    if st.button("Name the present state", icon=":material/bookmark_add:", key="version_now"):
        name_dialog(handbook.id, None)
    if not found:
        st.caption("No version has a name yet. Every past step can be given one in the log.")
    for version in found:
        _draw_version(handbook, version)


def _draw_version(handbook: Handbook, version: Version) -> None:
    with (
        st.container(border=True, key=f"version_{version.id}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch"):
            st.markdown(f":material/bookmark: **{escaped(version.name)}**")
            why = f" · {escaped(version.why)}" if version.why else ""
            named = f"named by {escaped(version.by)} {amounts.age(version.at)}"
            st.caption(f"after step {version.step} · {named}{why}")
        st.download_button(
            "Export",
            data=lambda: _packed(handbook.slug, version.name),
            file_name=f"{handbook.slug}@{version.step}.zip",
            icon=":material/download:",
            key=f"version_export_{version.id}",
            type="tertiary",
            on_click="ignore",
        )
        if st.button("Restore", icon=":material/restore:", key=f"version_restore_{version.id}"):
            restore_dialog(handbook, version.name)


def _packed(slug: str, name: str) -> bytes:
    store = services.app().store
    then = versions.state(store, slug, versions.step_of(store, slug, name))
    texts = files.contents("folder", versions.handbook_of(then), versions.accepted(then))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file_name, text in texts.items():
            archive.writestr(f"{slug}/{file_name}", text)
    return packed.getvalue()


@st.dialog("Name a version", icon=":material/bookmark_add:")
def name_dialog(handbook_id: int, step: int | None) -> None:
    store = services.app().store
    with store.read() as session:
        slug = handbook_rows.handbook(handbook_id, session=session).slug
    st.caption("The present state." if step is None else f"The state after step {step}.")
    name = st.text_input("Name", key="version_name", max_chars=64, placeholder="before the talk")
    why = st.text_input("Note", key="version_why", max_chars=200)
    if st.button("Name it", type="primary", key="version_make"):
        with shown_errors():
            versions.name_version(store, slug, name.strip(), step=step, by=curator(), why=why)
            st.rerun()


@st.dialog("Restore this version?", icon=":material/restore:")
def restore_dialog(handbook: Handbook, name: str) -> None:
    st.write(
        f"The accepted behaviors become those of *{escaped(name)}*, as one more step. Nothing is "
        "lost, and one undo brings the present back."
    )
    if st.button("Restore", type="primary", key="version_restore_yes"):
        with shown_errors():
            versions.restore(services.app().store, handbook.slug, name, by=curator())
            st.rerun()


def slugs() -> list[str]:
    return [s.handbook.slug for s in shelf.summaries(services.app().store, archived=True)]
