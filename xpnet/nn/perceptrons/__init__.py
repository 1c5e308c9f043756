"""Perceptrons: their rule, their margins and the logic that they compute."""
