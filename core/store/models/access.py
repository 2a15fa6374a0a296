"""Tables of people, sessions and keys that may use the product."""
