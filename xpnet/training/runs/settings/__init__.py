"""The settings of a search: the axes of its grid, distributions to draw from, and what a setting means."""
