"""A message in a Slack channel, by an incoming webhook."""
