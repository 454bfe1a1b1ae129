"""Delete the bundled database and queue, never a server's: `make reset`."""

import shutil
import sys

from scripts.paths import SetupError, fail, say, var_folder
from scripts.run import only_one


def main() -> int:
    """Remove the files while nothing runs on them."""
    var = var_folder()
    try:
        with only_one(var):
            for path in [*var.glob("aisle.db*"), var / "redis", var / "beat"]:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    except SetupError as error:
        return fail(error)
    say(f"The shop's data under {var} is deleted; `make run` loads the demo again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
