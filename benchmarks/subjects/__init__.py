"""Who does it: a module for ours, one for the limit, and one for each peer."""
