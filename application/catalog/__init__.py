"""The catalogue: what is sold, as readers see it, and how staff change it."""
