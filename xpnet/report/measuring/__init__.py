"""What a page shows, as plain numbers: pure functions of a model, rows to test on, and histories."""
