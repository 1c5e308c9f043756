"""Rank, pseudoinverse, least squares, polar factors and angles between subspaces."""
