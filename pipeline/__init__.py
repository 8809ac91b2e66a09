"""From manifests to shards. Rooms: core, stages, manga, ports, synthetic, loader, cli."""
