"""What the loader says when the library is missing, damaged, stale or too old."""

import ctypes
import logging
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import edge.native
from edge.native import build
from edge.native.library import (
    NativeLibraryError,
    bind,
    doorstep_native_version,
    native_library,
    open_library,
)

FOLDER = Path(edge.native.__file__).parent


def test_the_library_in_use_was_built_from_the_sources_beside_it():
    assert doorstep_native_version() == build.source_digest(FOLDER)


def test_a_missing_library_is_named_with_its_cure(tmp_path):
    path = tmp_path / build.LIBRARY_NAME
    with pytest.raises(NativeLibraryError) as caught:
        open_library(path)
    assert str(path) in str(caught.value)
    assert "python -m edge.native.build" in str(caught.value)


def test_a_damaged_library_is_named(tmp_path):
    path = tmp_path / build.LIBRARY_NAME
    path.write_bytes(b"not an ELF file")
    with pytest.raises(NativeLibraryError, match="cannot be loaded"):
        open_library(path)


def test_a_function_that_is_absent_is_named():
    with pytest.raises(NativeLibraryError, match="has no doorstep_teleport"):
        bind(native_library(), "doorstep_teleport", ctypes.c_int32)


@pytest.fixture
def small_sources(tmp_path):
    shutil.copy(FOLDER / "version.c", tmp_path)
    return tmp_path


def test_a_rebuild_swaps_the_library_and_silences_the_warning(small_sources, caplog):
    needs_a_compiler()
    library = build.compile_library(small_sources, os.environ)
    with caplog.at_level(logging.WARNING):
        open_library(library)
        assert not caplog.records
        (small_sources / "more.c").write_text("int more(void) { return 1; }\n")
        open_library(library)
    assert [record.message for record in caplog.records] == [
        "native library was built from other sources"
    ]
    assert not list(small_sources.glob(".*"))


def test_a_compiler_error_is_shown_and_the_old_library_stays(small_sources):
    needs_a_compiler()
    library = build.compile_library(small_sources, os.environ)
    before = library.read_bytes()
    (small_sources / "broken.c").write_text("int broken(void) { return }\n")
    with pytest.raises(build.BuildError, match=r"broken\.c"):
        build.compile_library(small_sources, os.environ)
    assert library.read_bytes() == before


def test_a_chosen_compiler_that_does_not_exist_is_an_error():
    with pytest.raises(build.BuildError, match="no program 'nocc'"):
        build.system_compiler({"CC": "nocc -m64", "PATH": os.environ["PATH"]})


def test_without_any_compiler_the_build_asks_for_one_from_pypi(tmp_path):
    assert build.system_compiler({"PATH": str(tmp_path)}) is None


def test_the_sources_compile_without_a_warning():
    compiler = needs_a_compiler()
    command = [*compiler, *build.FLAGS, "-Wpedantic", "-Wshadow", "-Werror", "-fsyntax-only"]
    sources = [str(path) for path in build.source_files(FOLDER)]
    subprocess.run([*command, '-DDOORSTEP_SOURCE_DIGEST=""', *sources], check=True)


def needs_a_compiler():
    compiler = build.system_compiler(os.environ)
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    return compiler
