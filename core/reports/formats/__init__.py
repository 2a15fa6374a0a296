"""What writes a report as a file, one module a form."""
