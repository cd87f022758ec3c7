"""The shop in memory: product code for tests, simulation and the in-process shop, as strict as PostgreSQL."""
