"""Fusion: groups of elementwise operations that run as one kernel, and the C text of the kernel."""
