"""Helpers for tests that drive whole servers. Standard library only."""
