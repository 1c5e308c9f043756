"""The trials of a search: one setting, one fold and one seed each; run in groups, kept in a file."""
