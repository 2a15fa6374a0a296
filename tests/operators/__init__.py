"""Operators, clients, shifts, absences, and who gets the next ticket."""
