"""Where values stand in a model: what each place shows, what it takes, and who may write to it."""
