"""Users of the platform, and an exact account of all they did."""
