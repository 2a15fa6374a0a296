"""A message with a card in a Webex space or to a person, by a bot or by the connection."""
