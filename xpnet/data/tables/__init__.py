"""People's own tables: cells, columns, labels, and the data set that they become."""
