"""How good a recommender is: the errors of its ratings, and the worth of its lists."""
