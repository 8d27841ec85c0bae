"""Run inside a fresh environment: opens every asset in each way the platform does. Prints one number per way, as JSON."""

import importlib.resources
import json
import os
from importlib.metadata import entry_points
from pathlib import Path

from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles", "waffle", "completion", "beratung_xblock"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    STATIC_URL="/static/",
    USE_I18N=True,
    SECRET_KEY="x",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
import django

django.setup()

from django.contrib.staticfiles import finders
from django.template.loader import get_template
from xblock.core import XBlock

BLOCKS = [XBlock.load_class(point.name) for point in entry_points(group="xblock.v1") if point.dist.name == "beratung-xblock"]
PACKAGE = importlib.resources.files("beratung_xblock")
STATIC = Path(str(PACKAGE)) / "static"
ASSETS = sorted(str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file())
TEMPLATES = Path(str(PACKAGE)) / "templates"
PAGES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())


def by_resource_view() -> int:
    """The view of a developer's platform: block.open_local_resource(uri)."""
    return sum(len(block.open_local_resource(name).read()) > 0 for block in BLOCKS for name in ASSETS) // len(BLOCKS)


def by_pipeline() -> int:
    """The platform's static finder: one level below the block's module, then resources_dir; nothing else may lie there."""
    found = set()
    for block in BLOCKS:
        package = block.__module__.rsplit(".", 1)[0]
        folder = importlib.resources.files(package) / block.get_resources_dir()
        for base, _folders, files in os.walk(str(folder)):
            found |= {os.path.relpath(os.path.join(base, name), str(folder)) for name in files}
    assert found == set(ASSETS), found ^ set(ASSETS)
    return len(found)


def by_app_finder() -> int:
    """Django's own finder for installed apps."""
    return sum(finders.find(name) is not None for name in ASSETS)


def by_resources() -> int:
    """importlib.resources, as the ResourceLoader of XBlock's utilities reads."""
    return sum(len((PACKAGE / "static" / name).read_bytes()) > 0 for name in ASSETS)


def by_templates() -> int:
    """Django's template loader for installed apps."""
    return sum(get_template(name) is not None for name in PAGES)


def languages_with_catalogues() -> list[str]:
    """Languages whose catalogues lie in both places the platform reads."""
    names = []
    for folder in sorted((Path(str(PACKAGE)) / "translations").iterdir()):
        both = [Path(str(PACKAGE)) / place / folder.name / "LC_MESSAGES" / name for place, name in (("translations", "text.mo"), ("locale", "django.mo"))]
        if all(path.is_file() for path in both):
            names.append(folder.name)
    return names


print(
    json.dumps(
        {
            "package": str(PACKAGE),
            "blocks": sorted(block.__name__ for block in BLOCKS),
            "assets": len(ASSETS),
            "pages": len(PAGES),
            "resource view": by_resource_view(),
            "pipeline": by_pipeline(),
            "app finder": by_app_finder(),
            "resources": by_resources(),
            "templates": by_templates(),
            "languages": languages_with_catalogues(),
        }
    )
)
