"""QR and SVD: those of the array library, or our own where it has none."""
