"""The command line of the library: plan, draw, verify and estimate on files, without a server."""
