"""The commands of `xpnet`, one module each: parse, call, print."""
