"""Rates: what an order is charged beside its goods, how staff set it up, and what customers are told of it."""
