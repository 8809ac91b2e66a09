"""The command line: what the terminal sees, one file a command."""
