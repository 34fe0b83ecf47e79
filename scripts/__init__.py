"""Command-line entries: python -m scripts.NAME."""
