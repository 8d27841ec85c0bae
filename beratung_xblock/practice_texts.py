"""Sentences around the practice meeting, in the language of the page (the meeting itself speaks through `practice_data`)."""

from __future__ import annotations

from django.utils.translation import gettext as _


def interface_texts() -> dict[str, str]:
    """Words of the buttons and messages around the drawn meeting; names in braces are filled in by the browser."""
    return {
        "welcome": _("Welcome to the practice meeting"),
        "welcome_back": _("Welcome back"),
        "nothing_wrong": _("Nothing can go wrong here. You can repeat every step as often as you like."),
        "not_real": _(
            "This is a drawing. Nobody sees or hears you, and your microphone and camera stay off. In the real meeting some buttons look a little different."
        ),
        "progress": _("{done} of {total} steps done"),
        "device": _("I want to practise for:"),
        "computer": _("Computer"),
        "phone": _("Mobile phone"),
        "start": _("Start the exercise"),
        "go_on": _("Go on practising"),
        "start_again": _("Practise everything again"),
        "refresher": _("Short version (5 minutes)"),
        "overview": _("All steps of this exercise"),
        "picture": _("Drawing of the meeting"),
        "done": _("Done"),
        "voluntary": _("voluntary"),
        "pass": _("Skip this voluntary step"),
        "step": _("Step {number} of {total}"),
        "solved": _("Well done!"),
        "keys": _("For later: on a computer these keys do the same:"),
        "tips": _("Tips so far: {count}"),
        "tip": _("Show a tip"),
        "more_tips": _("Show another tip"),
        "show": _("Show me how"),
        "next_step": _("This is the next step:"),
        "marked": _("The button is marked in the picture."),
        "perform": _("Do this step for me"),
        "next": _("Next step"),
        "previous": _("Back to the previous step"),
        "again": _("Once more"),
        "restart": _("Start this step again"),
        "home": _("To the overview"),
        "end": _("You have reached the end"),
        "end_text": _("Some steps are still open. You can go on whenever you like."),
        "all_done": _("You have done it all!"),
        "all_done_text": _("You know every important step now. You are ready for the real meeting."),
        "unsaved": _("Your progress is not saved yet. We try again with the next step."),
        "save": _("Save now"),
    }


def wording_message(task: str, problem: str) -> str:
    """One sentence for an author about a problem named by `practice_data.wording_errors`."""
    sentences = {
        "shape": _("The wording cannot be read."),
        "unknown": _("Task %(task)s does not exist."),
        "field": _("Task %(task)s: only title, instruction, praise and tips can be changed."),
        "long": _("Task %(task)s: a text is longer than 600 characters. Please shorten it."),
        "hints": _("Task %(task)s: please give at most three tips, one a line."),
    }
    return sentences[problem] % {"task": task}
