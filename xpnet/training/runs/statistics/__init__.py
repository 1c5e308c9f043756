"""What the scores of a search say: spread, ranks, and paired differences."""
