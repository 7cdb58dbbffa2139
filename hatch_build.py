"""Compile edge/native into the wheel, or into the source tree for an editable install."""

import importlib.util
import os
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NATIVE = Path("edge", "native")


class NativeLibraryHook(BuildHookInterface):
    """Asks for a compiler where the machine has none, and makes the wheel a platform wheel."""

    def dependencies(self) -> list[str]:
        """Return what must be installed before the build: a compiler, if there is none here."""
        build = self._native_build()
        return [] if build.system_compiler(os.environ) else [build.ZIG_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile, include the library although git ignores it, and name the platform."""
        library = self._native_build().compile_library(Path(self.root) / NATIVE, os.environ)
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["artifacts"].append(f"/{NATIVE.as_posix()}/{library.name}")

    def _native_build(self) -> ModuleType:
        # By path: importing `edge` would need the packages that are not installed yet.
        path = Path(self.root) / NATIVE / "build.py"
        spec = importlib.util.spec_from_file_location("doorstep_native_build", path)
        assert spec is not None, "a .py file always has a spec"
        assert spec.loader is not None, "and a loader"
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
