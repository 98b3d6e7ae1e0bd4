"""The parts of the review desk: filter, card, keys, what comes next, decisions on many."""
