"""Against overfitting: penalties, dropout, a limit on the norm of weights."""
