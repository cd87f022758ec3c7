"""Finding products by words: what is asked, what is found, and the index behind it."""
