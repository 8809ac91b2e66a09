"""The outside world behind protocols: sources and detectors. Heavy imports live only here."""
