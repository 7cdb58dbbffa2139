"""The parts that must be fast, in C without Python.h, each behind a thin ctypes face."""
