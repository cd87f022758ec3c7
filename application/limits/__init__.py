"""Rate limits: how much one party may have in a while."""
