"""What a package imports, its installation brings, and not only a developer's."""

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
OURS = {"edge", "firmware_bridge", "sim", "station"}
BRINGS = {"edge": (), "firmware_bridge": (), "station": ("station",), "sim": ("sim",)}
"""The extras a package may count on, besides what is always installed."""
SCALE_OUT = "station/ingest/"
"""Has extras of its own; nothing else may need it to start."""
WITHOUT = """
import sys
for name in {foreign!r}:
    sys.modules[name] = None
import edge.__main__, sim.__main__, station.__main__
"""


def declared(*extras):
    """Return the names of the distributions that an installation with these extras brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted, found = list(project["dependencies"]), set()
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    for line in wanted:
        requirement = Requirement(line)
        if requirement.name == project["name"]:
            found |= declared(*requirement.extras)
        else:
            found.add(canonicalize_name(requirement.name))
    return found


def imported(path):
    """Return the outermost names that a file imports, ours and Python's own left out."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module)
    outermost = {name.partition(".")[0] for name in names}
    return outermost - OURS - sys.stdlib_module_names


@pytest.mark.parametrize("package", sorted(BRINGS))
def test_every_import_is_brought_by_the_packages_own_installation(package):
    brought = declared(*BRINGS[package])
    by_module = packages_distributions()
    missing = {}
    for path in (ROOT / package).rglob("*.py"):
        here = str(path.relative_to(ROOT))
        scaled = declared("postgres", "nats") if here.startswith(SCALE_OUT) else set()
        for name in imported(path):
            sources = {canonicalize_name(found) for found in by_module.get(name, (name,))}
            if not sources & (brought | scaled):
                missing[here] = name
    assert not missing


def test_the_commands_start_with_what_the_simulators_installation_brings():
    only_for_work_on_it = declared("dev") - declared("sim")
    foreign = sorted(
        name
        for name, sources in packages_distributions().items()
        if {canonicalize_name(found) for found in sources} <= only_for_work_on_it
    )
    assert {"asyncpg", "matplotlib", "pytest"} <= set(foreign)
    command = (sys.executable, "-c", WITHOUT.format(foreign=foreign))
    subprocess.run(command, check=True, cwd=ROOT, timeout=60)
