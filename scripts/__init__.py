"""Set-up and run tooling: what the Makefile calls. The set-up half needs the standard library only."""
