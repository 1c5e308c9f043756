"""One step of training, its settings, and the evaluation of its outputs."""
