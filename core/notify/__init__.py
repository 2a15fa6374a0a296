"""Telling people and programs outside: channels, routing rules, wording, sending through the outbox."""
