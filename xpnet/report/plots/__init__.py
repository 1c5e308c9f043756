"""One plot or a few a module.  Each function takes values and an `ax`, and returns the Axes."""
