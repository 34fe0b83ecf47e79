"""Everything learned: text, voice, thresholds and the registry of versions."""
