"""One HTML file that needs no server, no network and no library."""
