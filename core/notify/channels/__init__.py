"""One folder a kind of channel: ``channel.toml`` says what it is and needs, ``transport.py`` sends."""
