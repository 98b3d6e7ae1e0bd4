"""The parts of the Handbook screen: head, search, cards, table, summary, import and export."""
