"""The executor for CuPy: a recorded step as a captured CUDA graph."""
