"""QR and SVD: of the array library, and our own where it has none."""
