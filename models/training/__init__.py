"""ModelUpdate: a version goes on learning from stored calls and is promoted only on its own evidence."""
