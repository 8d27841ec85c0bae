"""Our own template engine, independent of the host's: templates of this package only, autoescape on, loaders cached."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import SafeString

TEMPLATES = Path(__file__).resolve().parent / "templates"


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine; loads only `i18n`, `l10n`, `tz` and our own `kb` tags."""
    return Engine(
        dirs=[str(TEMPLATES)],
        app_dirs=False,
        autoescape=True,
        loaders=[
            ("django.template.loaders.cached.Loader", [("django.template.loaders.filesystem.Loader", [str(TEMPLATES)])])
        ],
        libraries={
            "i18n": "django.templatetags.i18n",
            "l10n": "django.templatetags.l10n",
            "tz": "django.templatetags.tz",
            "kb": "beratung_xblock.templatetags.kb",
        },
    )


def render(name: str, context: Mapping[str, Any]) -> SafeString:
    """Render `templates/beratung_xblock/<name>`. The active language is Django's current one."""
    template = engine().get_template(f"beratung_xblock/{name}")
    return template.render(Context(dict(context), autoescape=True))
