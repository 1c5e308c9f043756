"""The commands and flags of the command line, and errors of their use."""
