"""Finding behaviors by meaning: texts become vectors (`embedder`), which are kept (`vectors`).

Which embedder there is, and where its files lie, is told by `core.app`.
"""
