"""The executor for NumPy: a recorded step becomes a compiled program on fixed buffers."""
