"""The map of a handbook: its drawing, and what stands around it."""
