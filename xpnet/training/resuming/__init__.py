"""Checkpoints: the state of a training in files, from which it goes on as if nothing had happened."""
