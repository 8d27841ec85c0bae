"""What volunteers type, as Django forms: checked here for shape, checked in `api` for meaning.

A form keeps everything that was typed, so that a page with a message still shows it. Field names are the names the
`api` uses; a slot is a field `slot_<uid>`. `add_api_errors` puts what `api` refused at the field it concerns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from beratung_xblock.data.enums import SlotAnswer, TakePart

LANGUAGE_NAMES = {
    "de": _("German"), "en": _("English"), "uk": _("Ukrainian"), "ru": _("Russian"),
    "ar": _("Arabic"), "tr": _("Turkish"), "fr": _("French"), "fa": _("Persian"),
}  # fmt: skip
ANSWERS = (
    (SlotAnswer.YES.value, pgettext_lazy("can come", "Yes")),
    (SlotAnswer.MAYBE.value, pgettext_lazy("can come", "If need be")),
    (SlotAnswer.NO.value, pgettext_lazy("can come", "No")),
)
URGENCY = (("1", _("It has time")), ("2", _("Soon")), ("3", _("Urgent")))
EXPERIENCE = (("0", _("It is my first time")), ("1", _("I have taken part before")), ("2", _("I have often taken part")))
TAKE_PART = (
    (TakePart.ONLINE.value, _("With computer, tablet or phone")),
    (TakePart.PHONE.value, _("By telephone only")),
    (TakePart.ON_SITE.value, _("On site, if there is a meeting on site")),
)
NEEDS = (
    ("captions", _("Captions in the call")),
    ("interpreter", _("An interpreter comes with me")),
    ("more_time", _("More time to read and speak")),
)
BOUNDARIES = (
    ("child", _("Does a child or young person need protection?")),
    ("suicide", _("Could somebody take their own life?")),
    ("violence", _("Is somebody experiencing violence or threats?")),
    ("crime", _("Is somebody planning a serious crime?")),
    ("law", _("Do you need an answer to a legal question?")),
)
SCALE = tuple((str(n), str(n)) for n in range(1, 6))
DISPLAY_NAME_MAX = 60
SITUATION_HARD_MAX = 20000

_TOO_LONG = _("This text is too long. Please shorten it.")
_REQUIRED = _("Please fill this in.")


def _text(label: Any, *, most: int, required: bool = False, help_text: Any = "", missing: Any = _REQUIRED) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=help_text,
        error_messages={"required": missing, "max_length": _TOO_LONG},
    )


class PageForm(forms.Form):
    """A form of our pages: HTML ids begin with the block's id, empty values fall back to the initial ones."""

    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, uid: str, initial: Mapping[str, Any] | None = None):
        super().__init__(data=data, initial=dict(initial or {}), auto_id=f"{uid}-%s")

    def add_api_errors(self, errors: Mapping[str, object]) -> None:
        """Show what `api` refused at its field; an unknown name goes to the top of the form."""
        for name, message in errors.items():
            self.add_error(name if name in self.fields else None, str(message))


class SignupForm(PageForm):
    """The sign-up of one volunteer for one round."""

    display_name = _text(
        _("Your name in the group"),
        most=DISPLAY_NAME_MAX,
        required=True,
        help_text=_("A first name or a name you choose. Your group sees it."),
        missing=_("Please write a name. A first name is enough."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages you can talk in"),
        error_messages={"required": _("Please choose at least one language.")},
    )
    region = forms.ChoiceField(label=_("Your region"), required=False)
    can_moderate = forms.BooleanField(required=False)
    brings_case = forms.BooleanField(required=False)
    urgency = forms.ChoiceField(label=_("How urgent is your case?"), choices=URGENCY, required=False)
    organisation = _text(_("Your organisation or group"), most=120)
    experience = forms.ChoiceField(label=_("Your experience"), choices=EXPERIENCE, required=False)
    take_part = forms.ChoiceField(label=_("How do you take part?"), choices=TAKE_PART, required=False)
    wish_with = _text(
        _("I would like to be in a group with"), most=60, help_text=_("We try. We cannot promise it.")
    )
    needs = forms.MultipleChoiceField(
        label=_("What helps you"), choices=NEEDS, required=False, help_text=_("Only the moderator sees this.")
    )
    wants_reminders = forms.BooleanField(required=False)
    wants_refresher = forms.BooleanField(required=False)

    more = ("organisation", "experience", "take_part", "wish_with", "needs")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        uid: str,
        slot_uids: Iterable[str],
        languages: Iterable[str],
        regions: Iterable[str],
        initial: Mapping[str, Any] | None = None,
    ):
        super().__init__(data=data, uid=uid, initial=initial)
        self.slots_error = ""
        self.slot_names = tuple(f"slot_{slot}" for slot in slot_uids)
        for name in self.slot_names:
            self.fields[name] = forms.ChoiceField(choices=ANSWERS, required=False)
        names = tuple((code, LANGUAGE_NAMES.get(code, code)) for code in languages)
        self.fields["languages"].choices = names
        self.fields["languages"].required = len(names) > 1
        if regions:
            self.fields["region"].choices = [("", _("No answer")), *((name, name) for name in regions)]
        else:
            del self.fields["region"]

    @property
    def more_errors(self) -> bool:
        """True when a message stands in the folded part."""
        return any(name in self.errors for name in self.more)

    def clean(self) -> dict[str, Any]:
        """At least one slot must be possible; a single language on offer is taken for granted."""
        cleaned = super().clean()
        if not any(cleaned.get(name) in (SlotAnswer.YES.value, SlotAnswer.MAYBE.value) for name in self.slot_names):
            self.slots_error = gettext("Please choose at least one date with “Yes” or “If need be”.")
            self.add_error(None, self.slots_error)
        if not cleaned.get("languages"):
            cleaned["languages"] = [code for code, _name in self.fields["languages"].choices][:1]
        return cleaned

    def answers(self) -> dict[str, str]:
        """Slot uid to answer; a slot without an answer counts as no."""
        return {
            name.removeprefix("slot_"): self.cleaned_data.get(name) or SlotAnswer.NO.value for name in self.slot_names
        }


class CaseForm(PageForm):
    """The case text. A draft may be empty or unfinished; `check_complete` says what is missing for submission."""

    title = _text(
        _("Title"), most=120, help_text=_("Three to six words, without names. The coordination sees the title.")
    )
    situation = _text(
        _("What is the situation?"),
        most=SITUATION_HARD_MAX,
        help_text=_("Tell what happened. Write as you speak. Leave out names."),
    )
    tried = _text(_("What have you already tried?"), most=5000)
    key_question = _text(
        _("What do you want to ask the group?"),
        most=500,
        help_text=_("One question, for example: How can I say no in a friendly way?"),
    )
    method = forms.ChoiceField(label=_("How should the group help you?"), required=False)
    urgency = forms.ChoiceField(label=_("How urgent is it?"), choices=URGENCY, required=False)
    staff_may_read = forms.BooleanField(required=False)

    essential = ("title", "situation", "key_question")
    """A draft may lack them, a submission may not: the page does not call them optional."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        uid: str,
        methods: Iterable[tuple[str, str]],
        initial: Mapping[str, Any] | None = None,
    ):
        super().__init__(data=data, uid=uid, initial=initial)
        self.fields["method"].choices = list(methods)
        for name in self.essential:
            self.fields[name].essential = True

    def check_complete(self, *, min_chars: int, max_chars: int) -> bool:
        """Put messages where a submission still lacks something. Returns True when nothing is missing."""
        cleaned = self.cleaned_data
        if not cleaned.get("title"):
            self.add_error("title", gettext("Please write a short title."))
        length = len(cleaned.get("situation", ""))
        if length < min_chars:
            self.add_error(
                "situation",
                gettext("Please tell a little more. At least %(least)s characters, now %(now)s.")
                % {"least": min_chars, "now": length},
            )
        elif length > max_chars:
            self.add_error(
                "situation",
                gettext("Please shorten the text. At most %(most)s characters, now %(now)s.")
                % {"most": max_chars, "now": length},
            )
        if not cleaned.get("key_question"):
            self.add_error("key_question", gettext("Please write one question to the group."))
        return not self.errors


class ReflectionForm(PageForm):
    """Two questions after a session and a private note."""

    helped = forms.ChoiceField(
        label=_("Did the session help you?"), choices=SCALE, error_messages={"required": _("Please choose a number.")}
    )
    safe = forms.ChoiceField(
        label=_("Did you feel safe in the group?"),
        choices=SCALE,
        error_messages={"required": _("Please choose a number.")},
    )
    note = _text(_("A note for yourself"), most=2000, help_text=_("Only you can read it."))


class TakeawayForm(PageForm):
    """What the case giver takes along."""

    takeaway = _text(_("What do you take with you?"), most=2000, help_text=_("Only you can read it."))
    first_step = _text(_("Your first step"), most=500)
    remind_days = forms.ChoiceField(
        label=_("Remind me of it"),
        required=False,
        choices=(("", _("No reminder")), ("7", _("In one week")), ("14", _("In two weeks")), ("30", _("In one month"))),
    )
