"""Sources of travel times: a table and estimates, roads, the air."""
