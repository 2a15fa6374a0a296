"""A signed JSON request to a program of one's own (Standard Webhooks)."""
