"""Between reading and training: splits, scaling, encoding."""
