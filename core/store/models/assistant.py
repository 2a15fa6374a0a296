"""Tables: what the assistant said, and what it cost."""
