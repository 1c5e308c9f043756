"""Methods against overfitting: penalties, dropout, and a limit on the norm of the weights."""
