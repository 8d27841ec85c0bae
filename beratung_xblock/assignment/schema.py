"""JSON in and out (schema ``kb-grouping/1``), and the one place that refuses unsound instances."""

from itertools import chain

from .errors import InstanceError, SolutionError
from .problem import DEFAULT_WEIGHTS, SCHEMA, Facilitator, Group, Instance, Person, Rules, Slot, Solution
from .table import Table

LIMIT = 1_000_000


def _integer(value, field, low, high=LIMIT):
    if isinstance(value, bool) or not isinstance(value, int):
        raise InstanceError(field, "must be a whole number")
    if not low <= value <= high:
        raise InstanceError(field, f"must be between {low} and {high}")


def _text(value, field):
    if not isinstance(value, str) or not value:
        raise InstanceError(field, "must be a text that is not empty")


def require_sound(instance, table=None):
    """Raise :class:`InstanceError`, naming the field, unless the instance keeps the schema's promises; ``table`` of the people, where it
    is there already, saves making it."""
    _require_rules(instance.rules)
    slots = set()
    for n, slot in enumerate(instance.slots):
        _text(slot.id, f"slots[{n}].id")
        _integer(slot.max_groups, f"slots[{n}].max_groups", 0)
        if slot.id in slots:
            raise InstanceError(f"slots[{n}].id", "is used twice")
        slots.add(slot.id)
    ids = _require_people(instance.people, table, slots)
    for n, fac in enumerate(instance.facilitators):
        _text(fac.id, f"facilitators[{n}].id")
        if fac.id in ids:
            raise InstanceError(f"facilitators[{n}].id", "is used twice")
        ids.add(fac.id)
        _integer(fac.max_groups, f"facilitators[{n}].max_groups", 0)
        _require_distinct(fac.langs, f"facilitators[{n}].langs")
        _require_distinct(fac.slots, f"facilitators[{n}].slots")
        if any(s not in slots for s in fac.slots):
            raise InstanceError(f"facilitators[{n}].slots", "names an unknown slot")
    for name in ("exclusions", "together"):
        for n, (a, b) in enumerate(getattr(instance, name)):
            _text(a, f"{name}[{n}]")
            _text(b, f"{name}[{n}]")
            if a == b:
                raise InstanceError(f"{name}[{n}]", "pairs a person with itself")
    for n, groups in enumerate(instance.history):
        if any(len(set(group)) != len(group) for group in groups):
            raise InstanceError(f"history[{n}]", "names somebody twice in one group")


def _require_rules(rules):
    _integer(rules.size_min, "rules.size_min", 1)
    _integer(rules.size_max, "rules.size_max", 1, 64)
    _integer(rules.size_target, "rules.size_target", 1)
    _integer(rules.cases_max, "rules.cases_max", 1)
    if rules.size_min > rules.size_max:
        raise InstanceError("rules.size_min", "is larger than size_max")
    if rules.repeat_policy not in ("avoid", "stable"):
        raise InstanceError("rules.repeat_policy", "must be 'avoid' or 'stable'")
    for level in (1, 2, 3):
        if level not in rules.urgency_weight:
            raise InstanceError(f"rules.urgency_weight.{level}", "is missing")
        _integer(rules.urgency_weight[level], f"rules.urgency_weight.{level}", 0, 1000)
    for name in DEFAULT_WEIGHTS:
        if name not in rules.weights:
            raise InstanceError(f"rules.weights.{name}", "is missing")
        _integer(rules.weights[name], f"rules.weights.{name}", 0, 1000)
    for name in rules.weights:
        if name not in DEFAULT_WEIGHTS:
            raise InstanceError(f"rules.weights.{name}", "is not a known weight")


def _require_distinct(values, field):
    for value in values:
        _text(value, field)
    if len(set(values)) != len(values):
        raise InstanceError(field, "names something twice")


def _require_people(people, table, slots):
    """Their ids. All are looked at together first; only where something is unusual one by one, so that the field can be named."""
    table = table or Table(people)
    ids = set(table.id) if _texts(table.id) else set()
    if len(ids) == len(people) and _plain(table, slots):
        return ids
    ids = set()
    for n, person in enumerate(people):
        _require_person(n, person, slots, ids)
    return ids


def _texts(values):
    return {*map(type, values)} <= {str} and all(values)


def _plain(table, slots):
    """Is everything but the ids of the common kind, and in order?"""
    try:
        langs = set(table.langs)
    except TypeError:
        return False
    wishes = list(table.wishes())
    return (set(chain.from_iterable(table.slots)) <= slots and {*map(type, wishes)} <= {int} and {*wishes} <= {1, 2, 3}
            and all(_texts(own) and len({*own}) == len(own) for own in langs)
            and all({*map(type, column)} <= {int} and min(column, default=0) >= 0 and max(column, default=0) <= most
                    for column, most in ((table.case, 3), (table.exp, 2), (table.waited, 1000)))
            and {*map(type, table.mod)} <= {bool} and {*map(type, table.org), *map(type, table.region)} <= {str})


def _require_person(n, person, slots, ids):
    _text(person.id, f"people[{n}].id")
    if person.id in ids:
        raise InstanceError(f"people[{n}].id", "is used twice")
    ids.add(person.id)
    for slot, wish in person.slots.items():
        if slot not in slots:
            raise InstanceError(f"people[{n}].slots", "names an unknown slot")
        if type(wish) is not int or not 1 <= wish <= 3:
            _integer(wish, f"people[{n}].slots", 1, 3)
    _require_distinct(person.langs, f"people[{n}].langs")
    _integer(person.case, f"people[{n}].case", 0, 3)
    _integer(person.exp, f"people[{n}].exp", 0)
    _integer(person.waited, f"people[{n}].waited", 0, 1000)
    if not isinstance(person.mod, bool):
        raise InstanceError(f"people[{n}].mod", "must be true or false")
    for name in ("org", "region"):
        if not isinstance(getattr(person, name), str):
            raise InstanceError(f"people[{n}].{name}", "must be a text")


def _get(data, key, field, kind, default=None):
    if not isinstance(data, dict):
        raise InstanceError(field, "must be an object")
    value = data.get(key, default)
    if value is None or not isinstance(value, kind):
        raise InstanceError(f"{field}.{key}" if field else key, "is missing or of the wrong type")
    return value


def _strings(data, key, field):
    values = _get(data, key, field, list)
    for value in values:
        _text(value, f"{field}.{key}")
    return tuple(values)


def _pairs(data, key):
    pairs = []
    for n, pair in enumerate(_get(data, key, "", list, [])):
        if not isinstance(pair, list) or len(pair) != 2:
            raise InstanceError(f"{key}[{n}]", "must be a pair of ids")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)


def _person(n, data):
    field = f"people[{n}]"
    return Person(
        id=_get(data, "id", field, str), slots=dict(_get(data, "slots", field, dict)),
        langs=_strings(data, "langs", field), case=data.get("case", 0), mod=data.get("mod", False),
        org=data.get("org", ""), region=data.get("region", ""), exp=data.get("exp", 0), waited=data.get("waited", 0),
    )


def instance_from_dict(data):
    """Build an :class:`Instance` from parsed JSON; :class:`InstanceError` names the first field that is wrong."""
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise InstanceError("schema", f"must be {SCHEMA}")
    given = _get(data, "rules", "", dict)
    defaults = Rules()
    urgency = {}
    for level, worth in _get(given, "urgency_weight", "rules", dict, {"1": 0, "2": 1, "3": 3}).items():
        if str(level) not in ("1", "2", "3"):
            raise InstanceError("rules.urgency_weight", "knows the levels 1, 2 and 3 only")
        urgency[int(level)] = worth
    names = ("size_min", "size_target", "size_max", "cases_max", "repeat_policy")
    rules = Rules(
        **{name: given.get(name, getattr(defaults, name)) for name in names},
        urgency_weight=urgency, weights={**DEFAULT_WEIGHTS, **_get(given, "weights", "rules", dict, {})},
    )
    slots, facs, history = [], [], []
    for n, s in enumerate(_get(data, "slots", "", list)):
        field = f"slots[{n}]"
        slots.append(Slot(id=_get(s, "id", field, str), max_groups=_get(s, "max_groups", field, int), start=s.get("start", "")))
    for n, f in enumerate(_get(data, "facilitators", "", list, [])):
        field = f"facilitators[{n}]"
        facs.append(Facilitator(id=_get(f, "id", field, str), slots=_strings(f, "slots", field),
                                langs=_strings(f, "langs", field), max_groups=_get(f, "max_groups", field, int)))
    for n, groups in enumerate(_get(data, "history", "", list, [])):
        if not isinstance(groups, list) or not all(isinstance(g, list) for g in groups):
            raise InstanceError(f"history[{n}]", "must be a list of groups")
        for group in groups:
            for member in group:
                _text(member, f"history[{n}]")
        history.append(tuple(tuple(g) for g in groups))
    instance = Instance(
        rules=rules, slots=tuple(slots), people=tuple(_person(n, p) for n, p in enumerate(_get(data, "people", "", list))),
        facilitators=tuple(facs), exclusions=_pairs(data, "exclusions"), together=_pairs(data, "together"),
        history=tuple(history), name=str(data.get("name", "")),
    )
    require_sound(instance)
    return instance


def instance_to_dict(instance):
    """The instance as a JSON-ready dictionary."""
    r = instance.rules
    return {
        "schema": SCHEMA, "name": instance.name,
        "rules": {"size_min": r.size_min, "size_max": r.size_max, "size_target": r.size_target, "cases_max": r.cases_max,
                  "urgency_weight": {str(k): v for k, v in r.urgency_weight.items()}, "repeat_policy": r.repeat_policy,
                  "weights": dict(r.weights)},
        "slots": [{"id": s.id, "start": s.start, "max_groups": s.max_groups} for s in instance.slots],
        "people": [{"id": p.id, "slots": dict(p.slots), "langs": list(p.langs), "case": p.case, "mod": p.mod, "org": p.org,
                    "region": p.region, "exp": p.exp, "waited": p.waited} for p in instance.people],
        "facilitators": [{"id": f.id, "slots": list(f.slots), "langs": list(f.langs), "max_groups": f.max_groups}
                         for f in instance.facilitators],
        "exclusions": [list(p) for p in instance.exclusions], "together": [list(p) for p in instance.together],
        "history": [[list(g) for g in groups] for groups in instance.history],
    }


def solution_from_dict(data):
    """Build a :class:`Solution` from parsed JSON; :class:`SolutionError` names the field that is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get("groups"), list) or not isinstance(data.get("unplaced"), dict):
        raise SolutionError("groups", "a solution needs a list 'groups' and an object 'unplaced'")
    groups = []
    for n, g in enumerate(data["groups"]):
        try:
            groups.append(Group(id=str(g.get("id", n)), slot=g["slot"], lang=g["lang"], members=tuple(g["members"]),
                                moderator=g["moderator"], cases=tuple(g["cases"])))
        except (AttributeError, KeyError, TypeError) as error:
            raise SolutionError(f"groups[{n}]", f"cannot be read ({type(error).__name__})") from error
    return Solution(groups=tuple(groups), unplaced=dict(data["unplaced"]))


def solution_to_dict(solution):
    """The solution as a JSON-ready dictionary."""
    return {"groups": [{"id": g.id, "slot": g.slot, "lang": g.lang, "members": list(g.members), "moderator": g.moderator,
                        "cases": list(g.cases)} for g in solution.groups],
            "unplaced": dict(solution.unplaced)}
