"""How parameters move: optimizers, schedules, clipping."""
