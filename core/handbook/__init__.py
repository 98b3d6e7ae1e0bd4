"""Handbooks: the rules a behavior obeys, what people do with behaviors, and handbook files."""
