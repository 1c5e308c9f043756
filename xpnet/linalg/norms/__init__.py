"""Norms of vectors, matrices and groups, and their duals."""
