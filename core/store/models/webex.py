"""Tables of the Webex connection: tokens, cursors, rate limits, people, locations."""
