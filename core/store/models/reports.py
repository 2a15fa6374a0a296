"""Tables: reports made, and when the next ones are due."""
