"""Looking into a network: every number of backpropagation, gradients checked, small changes."""
