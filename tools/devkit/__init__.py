"""The parts of ./dev: one module per group of commands. Standard library only, Python 3.11."""
