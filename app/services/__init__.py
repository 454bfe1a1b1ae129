"""Use cases: session first, keyword arguments, the time passed in, a frozen result, never a commit."""
