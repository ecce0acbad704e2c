"""Services that use kyros-obs."""
