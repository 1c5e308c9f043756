"""Between reading and training: splits and folds, scaling, encoding."""
