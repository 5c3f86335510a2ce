"""A script of experiments/, as a module."""

import importlib.util

from hands import ROOT

EXPERIMENTS = ROOT / "experiments"


def study(name):
    """The study's script as a module: it is no package, and has no name of its own."""
    path = EXPERIMENTS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"{name}_study", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
