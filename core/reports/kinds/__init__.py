"""One module a kind of report, each with a ``REPORT``."""
