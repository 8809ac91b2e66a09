"""Draws manga series with complete ground truth: default input, test fixture, benchmark load."""
