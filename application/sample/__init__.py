"""The catalogue that ships with the shop: goods made up by hand, and as many generated ones as wanted."""
