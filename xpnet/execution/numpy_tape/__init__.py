"""The executor for NumPy: a recorded step as a program on fixed buffers."""
