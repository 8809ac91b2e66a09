"""One verb, one file: resolve fetch screen pair detect identify caption assemble shard."""
