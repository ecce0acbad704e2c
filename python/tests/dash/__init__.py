"""Dash: every callback, on every path."""
