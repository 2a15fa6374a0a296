"""Outbound calls through Asterisk's REST interface: its events, what they mean for one call, its causes in words."""
