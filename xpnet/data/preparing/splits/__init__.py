"""Splits of rows into parts to train and to test on: random, in order, by group, by time."""
