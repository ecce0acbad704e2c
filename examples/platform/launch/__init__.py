"""Starts the platform and what it needs, each as a child of the one process that started it."""
