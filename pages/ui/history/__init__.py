"""The parts of the History screen: the log, the named versions, the comparison of two states."""
