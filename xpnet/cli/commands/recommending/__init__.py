"""The actions of ``xpnet recommend``: fit, test, list."""
