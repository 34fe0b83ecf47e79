"""One-class detectors: they learn genuine rows only and tell how far a row is from them. See docs/models/anomaly.md."""
