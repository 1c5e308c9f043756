"""The arguments, inputs and targets of a network, checked once at the public border."""
