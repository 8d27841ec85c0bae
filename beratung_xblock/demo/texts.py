"""The words of the demo's own frame, German and English. Blocks speak through Django's catalogues instead."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from beratung_xblock.demo.personas import persona_by_slug


@lru_cache(maxsize=1)
def _all() -> dict[str, dict[str, str]]:
    return json.loads((Path(__file__).parent / "data" / "texts.json").read_text(encoding="utf-8"))


def texts(language: str) -> dict[str, str]:
    """Every text of the frame; English where the language has none."""
    return _all().get(language, _all()["en"])


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: ``t`` the texts, the persona, the languages."""
    language = (translation.get_language() or "de").split("-")[0]
    user = getattr(request, "user", None)
    return {
        "t": texts(language),
        # The frame's own language differs from the page's where the frame has no translation.
        "frame_language": language if language in _all() else "en",
        "persona": persona_by_slug(user.get_username()) if user is not None and user.is_authenticated else None,
        "page_language": language,
        "page_direction": "rtl" if translation.get_language_bidi() else "ltr",
        "languages": settings.LANGUAGES,
    }
