"""Unit, integration, end-to-end and structure tests."""
