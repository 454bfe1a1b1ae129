"""HTTP edge: parse, one use case, shape."""
