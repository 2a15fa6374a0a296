"""Small parts of our own where Streamlit has none: one file each, no network, keyboard first."""
