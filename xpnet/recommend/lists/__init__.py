"""Lists of the best items for blocks of users: a product, the seen items hidden, a partial sort."""
