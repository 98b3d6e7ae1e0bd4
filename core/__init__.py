"""Vademecum without its screens: everything here runs headless (`python -m core`)."""
