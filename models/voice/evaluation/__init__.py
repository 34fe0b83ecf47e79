"""Figures of the voice members on voices, sources and attacks they never heard."""
