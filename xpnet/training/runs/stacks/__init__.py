"""A stack: networks of one shape that train in the same steps, each as it would alone."""
