"""Real processes that are killed with SIGKILL, each at every point that it passes on the way."""
