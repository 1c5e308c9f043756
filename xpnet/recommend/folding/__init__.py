"""Newcomers: the bias and the factors that each model would have given them, without fitting again."""
