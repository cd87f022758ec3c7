"""Buyers who come at once, over HTTP to two web processes on a real PostgreSQL: whoever wins, the books balance."""
