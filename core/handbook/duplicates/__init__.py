"""Near copies within one handbook: the same text, names alike, or the same meaning.

First `pairs` of two are sought, once, down to FLOOR; that takes seconds in a large handbook and is
worth keeping. From them `groups` and `counts` follow quickly for any threshold above. What a person
kept apart is never paired again. Nothing is merged or decided here.

This is the face of the package; each way of finding pairs has a module of its own behind it.
"""

from core.handbook.duplicates.grouping import Count, Group, Pair, counts, groups
from core.handbook.duplicates.links import FLOOR
from core.handbook.duplicates.pairing import Item, Pairs, of_handbook, pairs

__all__ = [
    "FLOOR",
    "Count",
    "Group",
    "Item",
    "Pair",
    "Pairs",
    "counts",
    "groups",
    "of_handbook",
    "pairs",
]
