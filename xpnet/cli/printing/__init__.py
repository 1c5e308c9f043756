"""What a training prints beside its result: advice, progress, the profile of the data."""
