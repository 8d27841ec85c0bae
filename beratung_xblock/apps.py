"""The Django app plugin: where the platform finds our URLs, settings and signal receivers."""

from django.apps import AppConfig
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from beratung_xblock import __version__


def _settings_paths() -> dict[str, dict[str, str]]:
    return {
        "common": {"relative_path": "settings.common"},
        "production": {"relative_path": "settings.production"},
        "test": {"relative_path": "settings.test"},
    }


class BeratungConfig(AppConfig):
    """Registered for LMS and Studio alike: the block imports our models on both sides."""

    name = "beratung_xblock"
    label = "beratung_xblock"
    verbose_name = format_lazy("{} {}", _("Peer consultation"), __version__)  # Django's admin shows which version runs
    default_auto_field = "django.db.models.BigAutoField"

    plugin_app = {
        "url_config": {
            "lms.djangoapp": {
                "namespace": "beratung",
                "regex": r"^beratung/",
                "relative_path": "urls",
            },
        },
        "settings_config": {
            "lms.djangoapp": _settings_paths(),
            "cms.djangoapp": _settings_paths(),
        },
    }

    def import_models(self) -> None:
        """Define our public events too: openedx-events looks for those of EVENT_BUS_PRODUCER_CONFIG in its own `ready`."""
        super().import_models()
        from beratung_xblock import events  # noqa: F401

    def ready(self) -> None:
        """Connect receivers and register system checks."""
        from beratung_xblock import checks, signals, tasks  # noqa: F401  (registers by import)
