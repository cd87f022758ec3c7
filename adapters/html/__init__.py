"""HTML that comes from elsewhere."""
