"""One detector a pair of files: ``<id>.py`` with ``look``, ``<id>.yaml`` with everything about it."""
