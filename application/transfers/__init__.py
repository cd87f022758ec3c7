"""Imports and exports that staff ask for and a worker carries out."""
