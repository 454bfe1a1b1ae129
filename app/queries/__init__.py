"""One function per question; frozen rows out."""
