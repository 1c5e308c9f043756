"""What `train_many` was given, checked: lists for the networks, what they share, functions of a user's own."""
