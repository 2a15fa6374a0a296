"""Visits: an operator's appointments with clients, their invitations and reminders."""
