"""`make verify`: the platform runs once, and every claim is checked against the driver's books."""
