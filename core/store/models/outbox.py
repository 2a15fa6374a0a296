"""Tables: what leaves: messages, deliveries, channels, routing rules."""
