"""Bytes in, values out: what is plugged into a till or carried through the warehouse."""
