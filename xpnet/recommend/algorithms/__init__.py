"""The algorithms on arrays: biases, alternating least squares, SoftImpute, blocks of ratings."""
