"""Commands that look at a trained model: how good it is, what it goes by, and what it learned."""
