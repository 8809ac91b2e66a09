"""Why a row is as it is, or why it is not there: one id followed from its source to its shard."""
