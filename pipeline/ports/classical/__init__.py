"""The classical detector: panels, text and faces without a trained page model and without a GPU."""
