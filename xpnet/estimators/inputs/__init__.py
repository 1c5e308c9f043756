"""What estimators are given: rows, the library that computes, weights."""
