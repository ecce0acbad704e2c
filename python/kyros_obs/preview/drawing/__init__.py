"""How answers look: Dash components for each kind of panel."""
