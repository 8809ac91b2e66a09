"""The shards on one HTML page that needs nothing else: a person's view of the product."""
