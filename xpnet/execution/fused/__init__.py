"""Fusion: groups of elementwise operations that run as one, and their text in C."""
