"""What the example platform's own parts promise."""
