"""The anonymisation rules for the browser: the same files the server uses, with the reasons in the reader's language.

Public and cacheable: rules and names say nothing about anybody here. Loaded only when somebody opens the case form.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.resources import files

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext, override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from beratung_xblock import anonymise

LANGUAGE_LENGTH = 12


@lru_cache(maxsize=1)
def _rules() -> tuple[dict, dict, str]:
    folder = files(anonymise.__name__)
    raw = [folder.joinpath(name).read_text(encoding="utf-8") for name in ("rules.json", "names.json")]
    return json.loads(raw[0]), json.loads(raw[1]), hashlib.sha256("".join(raw).encode()).hexdigest()[:16]


def version() -> str:
    """Part of the address, so that new rules are fetched at once and old ones are never asked for again."""
    return _rules()[2]


@require_GET
@cache_control(public=True, max_age=7 * 24 * 3600, immutable=True)
def anonymise_rules(request: HttpRequest, language: str, wanted: str) -> HttpResponse:
    """{"rules", "names", "why": kind -> sentence}. 404 for another version than the one in force."""
    rules, names, current = _rules()
    if wanted != current or len(language) > LANGUAGE_LENGTH:
        raise Http404
    with override(language):
        why = {kind: gettext(sentence) for kind, sentence in anonymise.WHY.items()}
    body = json.dumps({"rules": rules, "names": names, "why": why}, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, content_type="application/json; charset=utf-8")
