"""Reports that people put together: fields, groups and measures from a list of ours, over four sources."""
