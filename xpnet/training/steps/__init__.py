"""One step of training, its settings, and the evaluation of what steps put out."""
