"""The best approximation of low rank: truncated and randomized SVD, PCA."""
