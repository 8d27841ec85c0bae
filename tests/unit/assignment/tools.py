"""The shared acceptance tools as modules, and the one function every test judges answers with."""

import importlib.util
import json
from functools import cache
from pathlib import Path

from beratung_xblock.assignment import instance_to_dict, solution_to_dict, validate

FOLDER = Path(__file__).parents[2] / "assignment_tools"


@cache
def load(name):
    spec = importlib.util.spec_from_file_location(f"assignment_tools_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def bounds():
    return json.loads((FOLDER / "bounds.json").read_text(encoding="utf-8"))


def judge(instance, result, before=None):
    """The independent checker's report; asserts validity, equal objectives and that no bound is exceeded."""
    old = solution_to_dict(before) if before is not None else None
    report = load("check").check(instance_to_dict(instance), solution_to_dict(result.solution), old)
    assert report["errors"] == []
    assert validate(instance, result.solution) == ()
    assert tuple(report["objective"]) == result.objective
    for reached, bound in zip(result.objective, result.bound, strict=True):
        if bound is None:
            break
        assert reached <= bound
        if reached < bound:
            break
    return report
