"""The people of the demo. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody a visitor can become with one click."""

    slug: str
    first_name: str
    last_name: str
    kind: str = "volunteer"
    region: str = ""
    languages: tuple[str, ...] = ("de",)
    can_moderate: bool = False
    case: str = ""
    answers: tuple[str, str] = ("yes", "yes")
    needs: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


def _volunteer(number: int, first_name: str, last_name: str, region: str, **more) -> Persona:
    return Persona(slug=f"volunteer-{number}", first_name=first_name, last_name=last_name, region=region, **more)


HAGEN = "Hagen"
ENNEPE = "Ennepe-Ruhr-Kreis"

VOLUNTEERS = (
    _volunteer(1, "Renate", "Ostermann", HAGEN, can_moderate=True),
    _volunteer(2, "Yusuf", "Aydın", HAGEN, languages=("de", "tr"), case="F01"),
    _volunteer(3, "Gisela", "Brandt", ENNEPE, answers=("yes", "maybe"), needs=("more_time",)),
    _volunteer(4, "Olena", "Kowalenko", HAGEN, languages=("de", "uk", "ru")),
    _volunteer(5, "Dieter", "Hoffmeister", ENNEPE, answers=("no", "yes"), can_moderate=True),
    _volunteer(6, "Samira", "Haddad", HAGEN, languages=("de", "ar"), answers=("maybe", "yes")),
    _volunteer(7, "Werner", "Schulte", ENNEPE, answers=("no", "yes"), case="F09"),
    _volunteer(8, "Małgorzata", "Nowak", ENNEPE, languages=("de", "en")),
    _volunteer(9, "Irmgard", "Teller", HAGEN, answers=("yes", "no"), case="F13"),
    _volunteer(10, "Farid", "Rahimi", ENNEPE, languages=("de", "fa", "en"), answers=("maybe", "yes")),
    _volunteer(11, "Claudia", "Weingarten", HAGEN, answers=("yes", "no"), can_moderate=True),
    _volunteer(12, "Bernd", "Lohmann", ENNEPE, answers=("no", "yes")),
)
FACILITATOR = Persona(slug="facilitator", first_name="Katrin", last_name="Sommer", kind="facilitator")
AUTHOR = Persona(slug="author", first_name="Jonas", last_name="Feld", kind="author")
PERSONAS = (*VOLUNTEERS, FACILITATOR, AUTHOR)


def persona_by_slug(slug: str) -> Persona | None:
    """The persona of that user name, or None."""
    return next((persona for persona in PERSONAS if persona.slug == slug), None)
