"""The Textual door."""
