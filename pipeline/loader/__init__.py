"""Shards -> what a trainer wants. No torch, no stage: a copy of the shards is all that it needs."""
