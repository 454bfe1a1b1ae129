"""Programs that the tests start privately, unpacked beside the other tools: installing would start their services."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts import system_packages
from scripts.commands import has, output_of, path_of, run
from scripts.paths import TOOLS, SetupError, say

WHY = "the tests start it privately"
PROGRAM_FOLDERS = ("usr/bin", "usr/sbin")


@dataclass(frozen=True, slots=True)
class Package:
    """A package of Debian and the programs that are wanted of it."""

    name: str
    programs: tuple[str, ...]
    stands_alone: bool = True
    """Whether the programs need no libraries and files of other packages."""
    is_required: bool = True
    """Whether the set-up fails without it; the tests that need another one are skipped."""

    @property
    def folder(self) -> Path:
        """Where it is unpacked."""
        return TOOLS / self.name


PACKAGES = (
    Package("prometheus", ("prometheus", "promtool")),
    Package("nginx", ("nginx",), stands_alone=False, is_required=False),
)


def ensure_unpacked_programs() -> None:
    """Unpack what is neither installed nor unpacked."""
    missing = [package for package in PACKAGES if not all(find(name) for name in package.programs)]
    if missing and has("apt-get"):
        system_packages.refresh_lists()
    for package in missing:
        try:
            _bring(package)
        except SetupError as error:
            if package.is_required:
                raise
            say(f"Note: the tests that need {package.name} will be skipped, because {error}")


def find(program: str) -> Path | None:
    """The installed program, or else the unpacked one."""
    found = path_of(program, *(package.folder / folder for package in PACKAGES for folder in PROGRAM_FOLDERS))
    return Path(found) if found else None


def root_of(program: Path) -> Path:
    """The folder that its package takes for `/`."""
    return next((package.folder for package in PACKAGES if program.is_relative_to(package.folder)), Path("/"))


def library_settings(program: Path) -> dict[str, str]:
    """The variable that leads a program to the libraries unpacked with it; none for an installed one."""
    root = root_of(program)
    libraries = set() if root == Path("/") else {str(path.parent) for path in root.rglob("lib*.so.*")}
    return {"LD_LIBRARY_PATH": ":".join(sorted(libraries))} if libraries else {}


def _bring(package: Package) -> None:
    if not has("apt-get"):
        system_packages.install({package.name: package.name}, why=WHY, required=package.is_required)
        return
    say(f"Unpacking {package.name} ({WHY})")
    names = _names(package)
    begun = package.folder.with_suffix(".begun")
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir(parents=True)
    run(["apt-get", "download", "-qq", *names], cwd=begun)
    for file in begun.glob("*.deb"):
        run(["dpkg-deb", "-x", file, begun])
        file.unlink()
    shutil.rmtree(package.folder, ignore_errors=True)
    begun.rename(package.folder)


def _names(package: Package) -> list[str]:
    if package.stands_alone:
        return [package.name]
    # What an installation would add to this machine; a simulated one needs no rights and changes nothing.
    said = output_of(["apt-get", "install", "--simulate", "--no-install-recommends", package.name])
    names = re.findall(r"^Inst (\S+)", said, re.MULTILINE)
    if not names:
        raise SetupError(f"apt-get finds no way to install {package.name}")
    return names
