"""Recordings of calls: fetched from Webex step by step, heard, summed up, searched and played."""
