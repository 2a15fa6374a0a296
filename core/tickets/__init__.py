"""Tickets: work that somebody must do by a time, from its making to its end."""
