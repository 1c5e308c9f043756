"""Typed columns: numbers, booleans, dates, categories and text, with their gaps, and the table that they form."""
