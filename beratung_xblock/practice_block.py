"""XBlock `teams_practice`: a simulated meeting in which nothing can go wrong. Views and handlers only.

The exercise runs in the browser (`static/beratung_xblock/js/practice/`); this side names tasks and wording, keeps the ids of solved tasks
in the learner's own state, and tells the platform the completion and the grade.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from web_fragments.fragment import Fragment
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.exceptions import JsonHandlerError
from xblock.fields import Boolean, Dict, Float, List, Scope, String

from beratung_xblock import actors, practice_data
from beratung_xblock.exceptions import NotFound
from beratung_xblock.practice_texts import interface_texts, wording_message
from beratung_xblock.rendering import render

DEFAULT_NAME = gettext_noop("Practice meeting")
VARIANTS = ("auto", "computer", "phone")
MODULES = ("machine", "dom", "draw", "stage", "app", "devices")


def _inside_script(data: object) -> str:
    """JSON that may stand in any script element: hosts differ in what they escape, and author's words are in it."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


@XBlock.wants("user", "i18n", "completion", "publish")
class TeamsPracticeXBlock(CompletableXBlockMixin, XBlock):
    """The practice meeting: 14 basic and 8 further tasks, help at every step, no score and no clock."""

    resources_dir = "static"
    public_dir = "beratung_xblock"
    has_score = True
    has_author_view = True
    has_custom_completion = True
    icon_class = "problem"

    display_name = String(
        display_name=gettext_lazy("Title"),
        help=gettext_lazy("The name of the exercise on the course page."),
        default=DEFAULT_NAME,
        scope=Scope.settings,
    )
    tasks = String(
        display_name=gettext_lazy("Tasks"),
        help=gettext_lazy("basic, further, all, refresher, or single tasks such as S01, S05, S22."),
        default="basic",
        scope=Scope.settings,
    )
    variant = String(
        display_name=gettext_lazy("Device"),
        help=gettext_lazy("auto: learners choose; computer or phone: fixed."),
        default="auto",
        values=list(VARIANTS),
        scope=Scope.settings,
    )
    wording = Dict(
        display_name=gettext_lazy("Own wording"),
        help=gettext_lazy("Own title, instruction, praise and tips of single tasks."),
        default={},
        scope=Scope.settings,
    )
    device_check = Boolean(
        display_name=gettext_lazy("Device check"),
        help=gettext_lazy("Offer a separate check of the real microphone and camera."),
        default=True,
        scope=Scope.settings,
    )
    weight = Float(
        display_name=gettext_lazy("Weight"),
        help=gettext_lazy("Points in a graded subsection. Empty means one point."),
        default=None,
        values={"min": 0},
        scope=Scope.settings,
    )
    solved = List(help="Ids of the tasks this learner has solved at least once; nothing else is kept.", default=[], scope=Scope.user_state)

    @property
    def title(self) -> str:
        """The author's title; the default one in the language of the page (a stored default must stay plain text for the platform's JSON)."""
        return _(DEFAULT_NAME) if self.display_name == DEFAULT_NAME else self.display_name

    def own_words(self) -> dict[str, dict[str, Any]]:
        """The author's wording without entries that do not fit (a course file may hold anything); `author_view` names those."""
        return practice_data.usable_wording(self.wording)

    def task_ids(self) -> list[str]:
        """The chosen tasks in their order; the basic ones when a course file holds a choice that does not fit."""
        try:
            return practice_data.choose_tasks(self.tasks)
        except ValueError:
            return practice_data.basic_tasks()

    def share(self) -> float:
        """Solved part of the tasks that count: 0.0 to 1.0."""
        required = practice_data.required_tasks(self.task_ids())
        return len(set(required) & set(self.solved)) / len(required)

    def max_score(self) -> float:
        """Read by the platform at publishing, without a user: the raw maximum of `grade` events."""
        return 1.0

    @XBlock.supports("multi_device")  # the mobile apps show the page themselves
    def student_view(self, context: dict | None = None) -> Fragment:
        """The exercise for the person looking at it; complete, no follow-up calls."""
        actor = self._actor()
        return self._exercise(save=self._may_save(actor), anonymous=actor is None or actor.is_anonymous)

    def public_view(self, context: dict | None = None) -> Fragment:
        """The exercise for visitors of a public course; nothing is kept."""
        return self._exercise(save=False, anonymous=True)

    def author_view(self, context: dict | None = None) -> Fragment:
        """What learners will get, for the course author; the exercise itself is opened in the course."""
        chosen = self.task_ids()
        language = translation.get_language() or ""
        texts = practice_data.texts(language, self.own_words(), chosen)
        required = practice_data.required_tasks(chosen)
        fragment = Fragment(
            render(
                "practice/author.html",
                {
                    "block": self,
                    "texts": texts,
                    "tasks": [
                        {"id": task, "title": texts["tasks"][task]["title"], "counts": task in required, "own": task in self.own_words()} for task in chosen
                    ],
                    "required": len(required),
                    "problems": [*self._tasks_problem(self.tasks), *self._wording_problems(self.wording)],
                },
            )
        )
        fragment.add_css_url(self._url("css/tokens.css"))
        fragment.add_css_url(self._url("css/base.css"))
        fragment.add_css_url(self._url("css/practice.css"))
        return fragment

    def studio_view(self, context: dict | None = None) -> Fragment:
        """The editor: which tasks, for which device, in whose words."""
        language = translation.get_language() or ""
        shipped = practice_data.texts(language)
        words = self.own_words()
        rows = []
        for task in practice_data.all_tasks():
            own = words.get(task, {})
            rows.append(
                {
                    "id": task,
                    "title": shipped["tasks"][task]["title"],
                    "basic": task in practice_data.basic_tasks(),
                    "chosen": task in self.task_ids(),
                    "shipped": shipped["tasks"][task],
                    "shipped_hints": "\n".join(shipped["tasks"][task]["hints"]),
                    "own": own,
                    "own_hints": "\n".join(own.get("hints", [])),
                }
            )
        html_id = self._html_id()
        context = {
            "block": self,
            "rows": rows,
            "html_id": html_id,
            "choice": self.tasks if self.tasks in practice_data.CHOICES else "own",
            "lang": shipped["lang"],
            "dir": shipped["dir"],
        }
        fragment = Fragment(render("practice/studio.html", context))
        fragment.add_css_url(self._url("css/tokens.css"))
        fragment.add_css_url(self._url("css/base.css"))
        fragment.add_css_url(self._url("css/practice.css"))
        fragment.add_javascript_url(self._url("js/practice/studio.js"))
        fragment.initialize_js(
            "BeratungPracticeStudio",
            {"saveUrl": self.runtime.handler_url(self, "save_settings").rstrip("/?"), "failed": _("Saving did not work. Please try again.")},
        )
        return fragment

    def student_view_data(self, context: dict | None = None) -> dict[str, Any]:
        """What a mobile app may show without opening the page. Read at publishing, so nothing about a person."""
        chosen = self.task_ids()
        required = practice_data.required_tasks(chosen)
        texts = practice_data.texts(translation.get_language() or "", self.own_words(), chosen)
        return {
            "variant": self.variant,
            "language": texts["lang"],
            "tasks": [{"id": task, "title": texts["tasks"][task]["title"], "required": task in required} for task in chosen],
        }

    @XBlock.json_handler
    def save_progress(self, data: object, suffix: str = "") -> dict[str, Any]:
        """Add solved tasks of the person who asks: {"tasks": [ids]}. Answers {"solved": [ids], "completion": 0.0 to 1.0}.

        The browser sends everything solved so far, so a lost or overtaken request heals with the next one.
        400 for unknown tasks, 403 for people who do not take part (not logged in, not enrolled, masquerading), 404 outside a course.
        """
        if not self._may_save(self._actor()):
            raise JsonHandlerError(403, _("Your progress is not saved here. Please log in and enrol in the course."))
        sent = data.get("tasks") if isinstance(data, dict) else None
        if not isinstance(sent, list) or not all(isinstance(task, str) and task in practice_data.all_tasks() for task in sent):
            raise JsonHandlerError(400, _("This task is not known. Please reload the page."))
        merged = [task for task in practice_data.all_tasks() if task in {*self.solved, *sent}]
        if merged != self.solved:
            self.solved = merged
        share = self.share()
        self.emit_completion(share)
        # Always published: outside graded subsections the platform does not count it, and one that becomes graded later has it already.
        self.runtime.publish(self, "grade", {"value": share, "max_value": self.max_score()})
        return {"solved": merged, "completion": share}

    @XBlock.json_handler
    def save_settings(self, data: object, suffix: str = "") -> dict[str, Any]:
        """Store the editor's fields. Answers {"errors": {field: sentence}}; nothing is stored when there is one. 403 for anybody but authors."""
        try:
            author = actors.author_from_block(self)
        except NotFound:
            author = None
        if author is None or not author.is_author:
            raise JsonHandlerError(403, _("Only authors of this course can change the exercise."))
        if not isinstance(data, dict):
            raise JsonHandlerError(400, _("Saving did not work. Please try again."))
        name, tasks, variant = (str(data.get(field, "")).strip() for field in ("display_name", "tasks", "variant"))
        wording = data.get("wording", {})
        errors = {}
        if not name:
            errors["display_name"] = _("Please give the exercise a title.")
        if problem := self._tasks_problem(tasks):
            errors["tasks"] = problem[0]
        if variant not in VARIANTS:
            errors["variant"] = _("Please choose a device.")
        if problems := self._wording_problems(wording):
            errors["wording"] = " ".join(problems)
        weight = self._weight(data.get("weight"), errors)
        if not errors:
            self.display_name = DEFAULT_NAME if name == _(DEFAULT_NAME) else name
            self.tasks, self.variant, self.wording = tasks, variant, wording
            self.device_check, self.weight = bool(data.get("device_check")), weight
        return {"errors": errors}

    def _weight(self, raw: object, errors: dict[str, str]) -> float | None:
        if raw in (None, ""):
            return None
        try:
            weight = float(str(raw).replace(",", "."))
        except ValueError:
            weight = -1.0
        if not 0 <= weight <= 1000:
            errors["weight"] = _("Please enter a number from 0 to 1000, or nothing.")
        return weight

    def _tasks_problem(self, choice: str) -> list[str]:
        try:
            practice_data.choose_tasks(choice)
        except ValueError as error:
            unknown = str(error)
            return [_("These tasks do not exist: %(tasks)s") % {"tasks": unknown} if unknown else _("Please choose at least one task.")]
        return []

    def _wording_problems(self, wording: object) -> list[str]:
        return [wording_message(task, problem) for task, problem in practice_data.wording_errors(wording).items()]

    def _actor(self):
        try:
            return actors.from_block(self)
        except NotFound:
            return None

    @staticmethod
    def _may_save(actor) -> bool:
        if actor is None or actor.is_anonymous or actor.is_masquerading:
            return False
        return actor.may_take_part or actor.is_course_staff or actor.is_global_staff

    def _exercise(self, *, save: bool, anonymous: bool) -> Fragment:
        language = translation.get_language() or ""
        chosen = self.task_ids()
        refresher = practice_data.refresher_tasks()
        used = [task for task in practice_data.all_tasks() if task in {*chosen, *refresher}]
        texts = practice_data.texts(language, self.own_words(), used)
        html_id = self._html_id()
        fragment = Fragment(
            render(
                "practice/student.html",
                {
                    "block": self,
                    "html_id": html_id,
                    "saves": save,
                    "anonymous": anonymous,
                    "lang": language,
                    "dir": "rtl" if translation.get_language_bidi() else "ltr",
                },
            )
        )
        fragment.add_css_url(self._url("css/tokens.css"))
        fragment.add_css_url(self._url("css/base.css"))
        fragment.add_css_url(self._url("css/practice.css"))
        fragment.add_javascript_url(self._url("js/practice/loader.js"))
        fragment.initialize_js(
            "BeratungPractice",
            {
                "modules": {name: self._url(f"js/practice/{name}.js") for name in MODULES},
                "saveUrl": self.runtime.handler_url(self, "save_progress").rstrip("/?") if save else "",
                "tasks": chosen,
                "required": practice_data.required_tasks(chosen),
                "refresher": [] if set(chosen) == set(refresher) else refresher,
                "solved": [task for task in self.solved if task in practice_data.all_tasks()] if save else [],
                "variant": self.variant if self.variant in VARIANTS else "auto",
                "texts": _inside_script({**texts, "ui": interface_texts()}),
                "devices": practice_data.device_texts(language) if self.device_check else None,
            },
        )
        return fragment

    def _url(self, path: str) -> str:
        return self.runtime.local_resource_url(self, f"beratung_xblock/{path}")

    def _html_id(self) -> str:
        """Unique on a page with several blocks; letters, digits and hyphens only."""
        return "kb-" + "".join(sign if sign.isalnum() else "-" for sign in str(self.scope_ids.usage_id))

    @staticmethod
    def workbench_scenarios() -> list[tuple[str, str]]:
        """Scenarios of the XBlock workbench."""
        return [("Practice meeting", '<teams_practice tasks="all"/>')]
