"""Ask the advisory services about every locked package; without a network say so and pass.

Python packages are looked up by pip-audit at osv.dev, front-end packages by npm at its registry.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scripts.commands import clean_environment
from scripts.front_end import node_folder
from scripts.paths import FRONTEND, ROOT, VENV_BIN, say

Printed = subprocess.CompletedProcess[str]
PATIENCE_S: Final = 5
LONGEST_S: Final = 180
ACCEPTED: Final[Mapping[str, str]] = {}
"""Advisories that do not concern the shop, by number, each with the reason."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a service said of one lock file: how many packages it knew, and what is wrong with them."""

    asked: int
    findings: tuple[str, ...]


def python_result(output: str) -> Result | None:
    """What pip-audit printed as JSON; None when it looked nothing up."""
    packages = _parsed(output).get("dependencies", [])
    known = [package for package in packages if "skip_reason" not in package]
    findings = [_hole(package, one) for package in known for one in package["vulns"] if not _is_accepted(one)]
    return Result(len(known), tuple(findings)) if known else None


def _hole(package: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    fixed = ", ".join(one["fix_versions"]) or "nothing yet"
    return f"{package['name']} {package['version']}: {one['id']}, fixed in {fixed}"


def _is_accepted(one: Mapping[str, Any]) -> bool:
    return bool(ACCEPTED.keys() & {one["id"], *one.get("aliases", ())})


def front_end_result(output: str) -> Result | None:
    """What `npm audit --json` printed; None when the registry gave no answer."""
    report = _parsed(output)
    if "vulnerabilities" not in report:
        return None
    findings = [
        f"{name} {one.get('range', '')}: {one['severity']}" for name, one in sorted(report["vulnerabilities"].items())
    ]
    return Result(int(report["metadata"]["dependencies"]["total"]), tuple(findings))


def main() -> int:
    """Give 1 when a locked package has a known hole, else 0."""
    python, front_end = _python(), _front_end()
    return max(
        _tell("Python", python_result(python.stdout), python.stderr),
        _tell("front end", front_end_result(front_end.stdout), front_end.stderr),
    )


def _tell(what: str, result: Result | None, complaints: str) -> int:
    if result is None:
        said = [line for line in complaints.splitlines() if line.strip() and "complete log" not in line]
        why = (said or ["no answer"])[-1][:120]
        say(f"advisories, {what}: skipped: no network, or no advisory service behind it ({why})")
        return 0
    say(f"advisories, {what}: {result.asked} packages, {len(result.findings)} known holes")
    for finding in result.findings:
        say(f"  {finding}")
    return 1 if result.findings else 0


def _python() -> Printed:
    # The development lock holds everything of the other one too (tests/unit/test_locks.py).
    audit = [str(VENV_BIN / "pip-audit"), "--vulnerability-service", "osv", "--timeout", str(PATIENCE_S)]
    lock = ["--requirement", str(ROOT / "requirements-dev.lock"), "--require-hashes", "--disable-pip"]
    return _printed([*audit, *lock, "--format", "json", "--progress-spinner", "off"])


def _front_end() -> Printed:
    folder = node_folder()
    path = {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    limits = ["--fetch-retries=0", f"--fetch-timeout={PATIENCE_S * 1000}"]
    return _printed([str(folder / "npm"), "audit", "--json", "--package-lock-only", *limits], path)


def _printed(command: list[str], extra: Mapping[str, str] | None = None) -> Printed:
    environment = clean_environment(extra)
    options: dict[str, Any] = {"cwd": FRONTEND, "env": environment, "stdin": subprocess.DEVNULL, "timeout": LONGEST_S}
    try:
        return subprocess.run(command, capture_output=True, text=True, **options)
    except subprocess.TimeoutExpired:
        return Printed(command, 1, "", f"no answer within {LONGEST_S} s")


def _parsed(output: str) -> dict[str, Any]:
    try:
        found = json.loads(output)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


if __name__ == "__main__":
    sys.exit(main())
