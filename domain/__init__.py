"""What is true of a shop: pure rules, standard library only."""
