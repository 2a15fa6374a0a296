"""Operators and clients: who works tickets and visits, for whom, when, and who gets the next one."""
