"""Scheduled tests of numbers and trunks: dialled by themselves, judged, and told of when they miss."""
