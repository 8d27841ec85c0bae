"""One sentence per kind of find: why it could identify somebody. Marked for translation here, translated where it is shown."""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue without translating it: this package knows no Django."""
    return message


WHY = {
    "email": gettext_noop("An e-mail address leads straight to the person."),
    "phone": gettext_noop("A telephone number leads straight to the person."),
    "iban": gettext_noop("A bank account belongs to one person."),
    "date_of_birth": gettext_noop("A date of birth identifies. Write “in her mid-thirties”."),
    "file_number": gettext_noop("A file number identifies the person at an office."),
    "street_address": gettext_noop("An address shows where the person lives."),
    "postcode_city": gettext_noop("Postcode and town narrow it down too much."),
    "full_name": gettext_noop("This looks like a full name."),
    "surname_with_title": gettext_noop("This looks like a family name."),
    "surname": gettext_noop("This looks like a family name."),
    "first_name": gettext_noop("This looks like a first name."),
    "web_address": gettext_noop("A page or profile on the net can show who it is."),
    "licence_plate": gettext_noop("This looks like a number plate."),
    "date": gettext_noop("An exact date can identify. Write “in spring”."),
    "age": gettext_noop("An exact age can identify. Write “in her mid-thirties”."),
    "institution": gettext_noop("The name of a school, firm or house can identify."),
    "place": gettext_noop("A small place can identify. Write “in our town”."),
}
