"""The audit log: what staff did, and what happened to accounts; it only grows, and proves that it is whole."""
