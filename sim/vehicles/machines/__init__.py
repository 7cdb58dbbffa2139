"""Machines that move by themselves: a mass, its motors and its battery, step by step."""
