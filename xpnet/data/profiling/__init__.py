"""The profile of a data set: what each column holds, what becomes of it, and what may be wrong."""
