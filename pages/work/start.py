"""The bare address leads to the first screen; every screen has an address of its own."""

import streamlit as st

st.switch_page("pages/build/solve.py")
