"""What is shipped: a wheel for this platform, with the library and every file of the rooms."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from edge.native.build import LIBRARY_NAME, system_compiler

ROOT = Path(__file__).parents[2]
PACKAGES = ("edge", "firmware_bridge", "sim", "station")
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.so", ".*")

LOAD = """
from edge.native.library import Path, __file__ as loader, doorstep_native_version, source_digest
assert doorstep_native_version() == source_digest(Path(loader).parent)
print(loader)
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what goes into a wheel, without what was built before."""
    folder = tmp_path_factory.mktemp("tree")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=NOT_SHIPPED)
    for path in (".gitignore", "README.md", "hatch_build.py", "pyproject.toml"):
        if (ROOT / path).exists():
            shutil.copy(ROOT / path, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(tree, tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", out, tree]
    if system_compiler(os.environ):  # otherwise pip must fetch one into a build environment
        command.append("--no-build-isolation")
    subprocess.run(command, check=True)
    (path,) = out.iterdir()
    return path


def test_the_tag_names_the_platform_and_any_python_3(wheel):
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert wheel.name == f"doorstep-{version}-py3-none-{platform}.whl"
    with zipfile.ZipFile(wheel) as archive:
        facts = archive.read(f"doorstep-{version}.dist-info/WHEEL").decode()
    assert "Root-Is-Purelib: false" in facts


def test_every_file_of_the_packages_is_inside_and_the_library_besides(tree, wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(tree).as_posix()
        for package in PACKAGES
        for path in (tree / package).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    assert inside == expected | {f"edge/native/{LIBRARY_NAME}"}


def test_the_library_in_the_wheel_was_built_from_the_sources_in_the_wheel(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(ran.stdout.strip()).is_relative_to(tmp_path)
    assert ran.stderr == ""
