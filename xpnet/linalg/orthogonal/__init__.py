"""Gram-Schmidt orthogonalization and orthonormal bases."""
