"""What the pipeline costs on this machine. `python -m benchmarks.all` runs it all."""
