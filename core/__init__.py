"""The leaf: settings, types, errors and logging that every room may import."""
