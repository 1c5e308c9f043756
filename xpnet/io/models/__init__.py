"""What a model file holds, and how it is written and read."""
