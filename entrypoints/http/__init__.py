"""The HTTP contract: routes of a few lines, and the conventions that they share."""
