"""What the shop does: use cases, views, event handlers, and the ports they need."""
