"""What the commands read: data sources, their parts, and the rows of a table."""
