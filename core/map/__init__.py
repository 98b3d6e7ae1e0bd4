"""The map of a handbook: where its behaviors stand, in which clusters, and where the gaps are.

`projection` computes places, `layouts` keeps them, `reading` gives what a screen draws.
"""
