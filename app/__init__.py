"""Aisle: supermarket retail and warehouse management."""
