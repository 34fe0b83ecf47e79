"""Speech-to-text engines behind one Protocol."""
