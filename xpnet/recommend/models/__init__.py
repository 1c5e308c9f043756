"""Models to fit to ratings: descriptions without parameters, as `Network` is."""
