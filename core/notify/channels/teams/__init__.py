"""A card in a Microsoft Teams channel, by a workflow's webhook."""
