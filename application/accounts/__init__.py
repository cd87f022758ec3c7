"""Accounts: registering, signing in and staying so, and what belongs to who has one."""
