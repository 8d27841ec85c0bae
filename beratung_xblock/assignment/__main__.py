"""Command line: ``python -m beratung_xblock.assignment INSTANCE.json SOLUTION.json``.

Reads an instance (schema kb-grouping/1), writes the solution, prints objective and bound. Exit status 0 when the
solution is valid, 1 when it is not, 2 when the input cannot be used.
"""

import argparse
import json
import sys

from .errors import AssignmentError
from .reassign import reassign
from .schema import instance_from_dict, solution_from_dict, solution_to_dict
from .solve import EFFORTS, solve
from .validate import validate


def main(argv=None):
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m beratung_xblock.assignment", description="Assign people to groups.")
    parser.add_argument("instance")
    parser.add_argument("solution")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--effort", choices=EFFORTS, default="normal")
    parser.add_argument("--before", metavar="OLD.json", help="stay as close as possible to this solution")
    args = parser.parse_args(argv)
    try:
        with open(args.instance, encoding="utf-8") as file:
            instance = instance_from_dict(json.load(file))
        before = None
        if args.before:
            with open(args.before, encoding="utf-8") as file:
                before = solution_from_dict(json.load(file))
        result = solve(instance, seed=args.seed, effort=args.effort) if before is None else reassign(instance, before, seed=args.seed)
    except (OSError, ValueError, AssignmentError) as error:
        print(f"cannot be used: {error}", file=sys.stderr)
        return 2
    with open(args.solution, "w", encoding="utf-8") as file:
        json.dump(solution_to_dict(result.solution), file, ensure_ascii=False, separators=(",", ":"))
    faults = validate(instance, result.solution)
    print(f"{instance.name}: {'invalid' if faults else 'valid'}  objective {list(result.objective)}  bound {list(result.bound)}")
    if before is not None:
        print(f"  changed {len(result.changed)}  dropped {len(result.dropped)}")
    for fault in faults[:20]:
        print(f"  {fault.rule} {fault.subject}: {fault.problem}")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
