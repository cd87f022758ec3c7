"""What Redis (or Valkey) is good for: waking who should look, and handing out jobs."""
