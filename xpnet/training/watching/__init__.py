"""What is seen of a training: history, metrics, stopping rules, callbacks."""
