"""What every request passes through before it meets a route or a page."""
