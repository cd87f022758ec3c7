"""The machines behind the ports."""
