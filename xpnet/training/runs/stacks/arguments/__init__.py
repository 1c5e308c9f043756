"""Arguments of many trainings: lists for the networks, what these have in common, functions of a user's own."""
