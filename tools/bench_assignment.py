"""Measure group assignment: one line per instance, and the figures the product promises beside it.

    python tools/bench_assignment.py [--max-n 10000] [--effort normal] [--families a,b] [--json FILE]

Times are processor seconds of one core. The peak memory is that of the whole process so far.
"""

import argparse
import importlib.util
import json
import random
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from beratung_xblock import assignment as assign  # noqa: E402  (the path comes first)

TOOLS = ROOT / "tests" / "assignment_tools"
SUITE = [("tiny", 12, (1, 2, 3)), ("small", 60, (1, 2, 3)), ("medium", 300, (1, 2, 3)), ("large", 2000, (1,)),
         ("national", 10000, (1,)), ("huge", 50000, (1,))]
HARD = ["few_moderators", "few_cases", "minorities", "dense_exclusions", "one_slot", "tight", "partly_infeasible", "scarce_slots"]
SUITE += [(family, n, seeds) for family in HARD for n, seeds in ((60, (1, 2)), (300, (1, 2)), (2000, (1,)))]
SUITE += [("tight", 10000, (1,)), ("minorities", 10000, (1,))]


def load(name):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cancellations(data, result, check, count=20):
    """(most others changed, share of cancellations that change nobody, dropped, slowest in milliseconds)."""
    rnd, changed, dropped, slowest = random.Random(1), [], 0, 0.0
    placed = [m for g in result.solution.groups for m in g.members]
    old = assign.solution_to_dict(result.solution)
    for gone in rnd.sample(placed, min(count, len(placed))):
        after = {**data, "people": [p for p in data["people"] if p["id"] != gone]}
        instance = assign.instance_from_dict(after)
        start = time.process_time()
        again = assign.reassign(instance, result.solution)
        slowest = max(slowest, time.process_time() - start)
        report = check.check(after, assign.solution_to_dict(again.solution), old)
        if not report["valid"]:
            raise SystemExit(f"invalid after a cancellation: {report['errors'][:3]}")
        changed.append(report["perturbation"]["changed"])
        dropped += report["perturbation"]["dropped"]
    return max(changed), sum(not c for c in changed) / len(changed), dropped, slowest * 1000


def measure(family, n, seed, effort, tools, known):
    data = tools["generate"].make(family, n, seed)
    instance = assign.instance_from_dict(data)
    start = time.process_time()
    result = assign.solve(instance, effort=effort)
    seconds = time.process_time() - start
    report = tools["check"].check(data, assign.solution_to_dict(result.solution))
    line = {"instance": data["name"], "valid": report["valid"], "objective": list(result.objective), "bound": list(result.bound),
            "published_bound": known.get(data["name"], {}).get("bound"), "best_known": known.get(data["name"], {}).get("best_known"),
            "seconds": round(seconds, 2), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    if 300 <= n <= 10000 and family in ("medium", "large", "national"):
        line["cancel"] = cancellations(data, result, tools["check"])
    return line


def run(max_n=10000, effort="normal", families=None):
    """Measure the suite up to ``max_n`` people; prints a line each and returns all figures with the number of misses."""
    tools = {name: load(name) for name in ("generate", "check")}
    known = json.loads((TOOLS / "bounds.json").read_text(encoding="utf-8"))
    lines, missed = [], 0
    for family, n, seeds in SUITE:
        if n > max_n or (families and family not in families):
            continue
        for seed in seeds:
            line = measure(family, n, seed, effort, tools, known)
            lines.append(line)
            target = (line["published_bound"] or line["bound"])[0]
            missed += not line["valid"] or line["objective"][0] < target
            print(f"{line['instance']:28} {'valid' if line['valid'] else 'INVALID':8} {line['objective']!s:28} bound {line['bound']!s:28} "
                  f"known {line['best_known']!s:24} {line['seconds']:8.2f} s {line['peak_mb']:5} MB  {line.get('cancel', '')}", flush=True)
    return {"instances": lines, "below_bound_or_invalid": missed}


def main(argv=None):
    """Command line; returns 1 when an answer is invalid or misses the published places."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--max-n", type=int, default=2000)
    parser.add_argument("--effort", default="normal")
    parser.add_argument("--families")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args(argv)
    figures = run(args.max_n, args.effort, args.families.split(",") if args.families else None)
    if args.json:
        Path(args.json).write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 1 if figures["below_bound_or_invalid"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
