"""Proximal operators and projections: how norms regularize."""
