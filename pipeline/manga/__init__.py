"""Pure functions: geometry, reading order, pairing, clustering, verdicts, captions, metrics."""
