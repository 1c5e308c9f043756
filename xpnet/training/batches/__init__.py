"""From a data set to the inputs of steps: order, weights, expansion, reading ahead."""
