"""One small class for each kind of column: how it becomes inputs of a network."""
