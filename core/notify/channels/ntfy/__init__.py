"""A push to telephones and desktops by ntfy, public or one's own server."""
