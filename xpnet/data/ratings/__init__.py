"""Ratings of items by users: the table, its files and its splits."""
