"""MangaDex: its API, its image nodes, and the care that both need."""
