"""The only room that knows Flask, besides app.py and web."""
