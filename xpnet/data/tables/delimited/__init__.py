"""Text tables: their bytes, their dialect, and two readers that give the same columns."""
