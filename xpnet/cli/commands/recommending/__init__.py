"""The actions of ``xpnet recommend``: fit, update, test, list."""
