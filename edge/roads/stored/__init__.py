"""A road graph as a file: how it is laid out, read, written, and checked."""
