"""Run npm in frontend/ with the Node the set-up chose: python -m scripts.npm run test."""

import sys

from scripts.front_end import npm
from scripts.paths import SetupError, fail


def main() -> int:
    """Pass the arguments on to npm."""
    try:
        npm(*sys.argv[1:])
    except SetupError as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
