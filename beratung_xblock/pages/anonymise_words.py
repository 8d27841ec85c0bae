"""Why a place in a text could tell who somebody is, in one sentence for each kind of finding."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WHY = {
    "email": gettext_lazy("This looks like an e-mail address."),
    "phone": gettext_lazy("This looks like a telephone number."),
    "date": gettext_lazy("An exact date can show who it is."),
    "birth": gettext_lazy("A date of birth shows who it is."),
    "bamf_az": gettext_lazy("This looks like a file number."),
    "file": gettext_lazy("This looks like a file number."),
    "iban": gettext_lazy("This looks like a bank account."),
    "street": gettext_lazy("This looks like an address."),
    "plz_city": gettext_lazy("A place can show who it is."),
    "titled": gettext_lazy("This looks like a name."),
    "name": gettext_lazy("This looks like a name."),
}


def why(kind: str) -> str:
    """The sentence for a kind of finding; a general one for a kind that has none."""
    return str(WHY.get(kind) or _("This could show who it is."))
