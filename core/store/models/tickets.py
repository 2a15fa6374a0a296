"""Tables: tickets, their policies and what happened to each."""
