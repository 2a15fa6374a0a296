"""The door for Watson Orchestrate: sentences in Spanish and English that become tickets, visits, messages, reports.

``door`` takes a message; ``understanding`` reads it by rules; ``carrying_out`` does what was read through the same
functions as the pages, never beyond the caller's scopes; ``activity`` tells what happened.
"""
