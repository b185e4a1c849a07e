"""One list of dependencies: pyproject.toml, environment.yml and requirements.lock say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
# What conda-forge calls the same thing.
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text().splitlines()
ALLOWED_HOSTS = {"127.0.0.1"}


def requirements(lines: list[str]) -> dict[str, str]:
    """Map name to version range."""
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(item.name): str(item.specifier) for item in parsed}


def test_conda_gets_what_pip_gets():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    packages = requirements([line for line in listed if isinstance(line, str) and line != "pip"])
    assert packages.pop("python") == PROJECT["requires-python"]
    renamed = {CONDA_NAMES.get(name, name): versions for name, versions in packages.items()}
    assert renamed == requirements(PROJECT["dependencies"])
    assert {"pip": ["-e ."]} in listed


@pytest.mark.parametrize("line", [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)])
def test_the_lock_pins_every_dependency_inside_its_range(line):
    wanted = Requirement(line)
    pinned = {canonicalize_name(name): version for name, version in (entry.split("==") for entry in LOCK)}
    assert wanted.specifier.contains(Version(pinned[canonicalize_name(wanted.name)]))


def test_make_lock_pins_every_extra():
    installed = re.search(r"'\.\[([a-z,]+)\]'", (ROOT / "Makefile").read_text())[1]
    assert set(installed.split(",")) == set(EXTRAS)


def test_the_lock_is_exact_pins_and_nothing_else():
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line) for line in LOCK)


def test_the_lock_pins_the_torch_that_chapter_3_quotes():
    assert "torch==2.13.0" in LOCK


def test_what_runs_here_is_what_the_lock_says():
    from importlib.metadata import version

    wrong = [entry for entry in LOCK if version(entry.split("==")[0]).split("+")[0] != entry.split("==")[1]]
    assert not wrong, "run `make test`, which installs the lock"


def hosts(text):
    """Every host that a text names in an address."""
    return set(re.findall(r"\bhttps?://([\w.-]+)", text))


def test_no_registry_address_is_committed(tracked_files):
    """Links to papers and manuals may join the allowed hosts; a package registry may not."""
    named = {
        name: hosts((ROOT / name).read_text(encoding="utf-8")) - ALLOWED_HOSTS
        for name in tracked_files
        if (ROOT / name).suffix in {".py", ".toml", ".yml", ".lock", ".md", ".ipynb", ""}
    }
    assert not {name: found for name, found in named.items() if found}


def test_a_host_is_found_wherever_it_stands():
    protocol = "http" + "s:"  # apart, so that this file names no address itself
    assert hosts(f"[a]({protocol}//one.example/b) {protocol}//two.example:80") == {"one.example", "two.example"}
