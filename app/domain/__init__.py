"""Shop arithmetic: frozen values and pure functions, standard library only."""
