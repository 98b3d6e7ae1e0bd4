"""The head of the Handbook screen, and what can be done with a handbook as a whole."""

import io
import zipfile

import streamlit as st

from core.handbook import files, shelf
from core.store.records import Handbook
from pages.ui import services
from pages.ui.edit_drawer import write_drawer
from pages.ui.errors import shown_errors
from pages.ui.handbook.upload import import_dialog
from pages.ui.handbook_choice import open_handbook
from pages.ui.markdown import escaped
from pages.ui.state import curator

RENAME, COPY = "Rename or describe", "Make a copy"
ARCHIVE, BRING_BACK = "Archive", "Bring back from the archive"


def draw_head(handbook: Handbook) -> None:
    st.subheader(escaped(handbook.title), anchor=False)
    if handbook.archived:
        st.badge("archived", icon=":material/inventory_2:", color="gray")
    if handbook.description:
        st.markdown(escaped(handbook.description))
    facts = [escaped(handbook.made)] if handbook.made else []
    facts += [escaped(handbook.licence)] if handbook.licence else []
    facts += [f"by {escaped(', '.join(handbook.authors))}"] if handbook.authors else []
    st.caption(" · ".join(facts))


def draw_buttons(handbook: Handbook | None) -> None:
    """New, import, export, and the rest in a menu."""
    if st.button("New", icon=":material/add:", key="handbook_new"):
        new_dialog()
    if st.button("Import", icon=":material/upload:", key="handbook_import"):
        import_dialog(handbook.slug if handbook else "")
    if handbook is None:
        return
    if st.button(
        "Write", icon=":material/edit_note:", key="handbook_write", help="Write one by hand"
    ):
        write_drawer(handbook.id)
    with st.popover("Export", icon=":material/download:", width="content"):
        _draw_downloads(handbook)
    acts = {RENAME: _rename, COPY: _copy, BRING_BACK if handbook.archived else ARCHIVE: _archive}
    if chosen := st.menu_button(
        "More", list(acts), key="handbook_more", icon=":material/more_vert:"
    ):
        acts[chosen](handbook)


@st.dialog("New handbook", icon=":material/menu_book:")
def new_dialog() -> None:
    title = st.text_input("Title", key="handbook_title", max_chars=120)
    if st.button("Make it", type="primary", key="handbook_make", icon=":material/add:"):
        with shown_errors():
            slug = shelf.slug_for(title)
            shelf.create(services.app().store, slug, title.strip(), by=curator())
            open_handbook(slug)
            st.rerun()


def _draw_downloads(handbook: Handbook) -> None:
    st.caption("The accepted behaviors, as")
    for kind, (label, suffix) in files.KINDS.items():
        st.download_button(
            label,
            data=lambda kind=kind: _content(handbook, kind),
            file_name=f"{handbook.slug}{suffix or '.zip'}",
            key=f"handbook_export_{kind}",
            on_click="ignore",
            type="tertiary",
        )


def _content(handbook: Handbook, kind: str) -> bytes:
    accepted = shelf.behaviors(services.app().store, handbook)
    texts = files.contents(kind, handbook, accepted)
    if len(texts) == 1:
        return next(iter(texts.values())).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(f"{handbook.slug}/{name}", text)
    return packed.getvalue()


@st.dialog(RENAME, icon=":material/edit:")
def _rename(handbook: Handbook) -> None:
    title = st.text_input("Title", handbook.title, max_chars=120)
    slug = st.text_input("Slug, its name in addresses and commands", handbook.slug, max_chars=64)
    description = st.text_area("Description", handbook.description, height=100)
    licence = st.text_input("Licence", handbook.licence)
    authors = st.text_input("Authors, separated by commas", ", ".join(handbook.authors))
    if st.button("Save", type="primary", key="handbook_rename"):
        fields = {
            "title": title.strip(),
            "slug": slug.strip(),
            "description": description.strip(),
            "licence": licence.strip(),
            "authors": [name.strip() for name in authors.split(",") if name.strip()],
        }
        with shown_errors():
            shelf.describe(services.app().store, handbook.slug, fields, by=curator())
            open_handbook(slug.strip())
            st.rerun()


@st.dialog(COPY, icon=":material/content_copy:")
def _copy(handbook: Handbook) -> None:
    title = st.text_input("Title of the copy", f"{handbook.title} (copy)", max_chars=120)
    st.caption("Accepted behaviors and proposals are copied, with their sources.")
    if st.button("Make the copy", type="primary", key="handbook_copy"):
        with shown_errors():
            slug = shelf.slug_for(title)
            shelf.copy(services.app().store, handbook.slug, slug, title.strip(), by=curator())
            open_handbook(slug)
            st.rerun()


@st.dialog("Archive", icon=":material/inventory_2:")
def _archive(handbook: Handbook) -> None:
    back = handbook.archived
    if back:
        st.write("It will stand among the other handbooks again.")
    else:
        st.write("It goes to the end of the lists, marked. Nothing in it is changed or lost.")
    if st.button("Bring it back" if back else "Archive it", type="primary", key="handbook_archive"):
        with shown_errors():
            shelf.archive(services.app().store, handbook.slug, not back, by=curator())
            st.rerun()
