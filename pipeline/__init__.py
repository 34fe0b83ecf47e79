"""Pure stages of the line: values in, values out."""
