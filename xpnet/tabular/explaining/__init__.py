"""Which columns an answer comes from: of a model over many rows, and of one row."""
