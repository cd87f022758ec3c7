"""The whole shop in one thread, where a number decides what happens next, what fails, and what time it is."""
