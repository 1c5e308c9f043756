"""From the flags of training to trained networks."""
