"""The runtime of the demo: xblock-sdk's workbench runtime with our keys, our user and a working ``publish``."""

from __future__ import annotations

import json
from typing import Any

from completion.models import BlockCompletion
from django.urls import reverse
from django.utils import translation
from opaque_keys.edx.keys import UsageKey
from workbench.models import XBlockState
from workbench.runtime import WorkbenchRuntime
from xblock.core import XBlock
from xblock.exceptions import NoSuchUsage
from xblock.fields import Scope
from xblock.reference.user_service import UserService, XBlockUser
from xblock.runtime import IdGenerator, IdReader, KeyValueStore, KvsFieldData, Runtime

from beratung_xblock.demo.course import COURSE_KEY, unit_by_key


class DemoKeyValueStore(KeyValueStore):
    """Fields in the workbench's table, one row for each scope, key and user."""

    def _names(self, key: KeyValueStore.Key) -> dict[str, str]:
        scope = key.scope.attr_name if key.scope in (Scope.parent, Scope.children) else key.scope.block.attr_name
        return {"scope": scope[:50], "scope_id": str(key.block_scope_id), "user_id": str(key.user_id or ""), "scenario": "demo"}

    def _read(self, key: KeyValueStore.Key) -> dict[str, Any]:
        row = XBlockState.objects.filter(**self._names(key)).first()
        return json.loads(row.state) if row else {}

    def _write(self, key: KeyValueStore.Key, state: dict[str, Any]) -> None:
        XBlockState.objects.update_or_create(**self._names(key), defaults={"state": json.dumps(state, sort_keys=True)})

    def get(self, key: KeyValueStore.Key) -> Any:
        """The stored value; KeyError when there is none."""
        return self._read(key)[key.field_name]

    def set(self, key: KeyValueStore.Key, value: Any) -> None:
        """Store one field."""
        self._write(key, {**self._read(key), key.field_name: value})

    def set_many(self, update_dict: dict[KeyValueStore.Key, Any]) -> None:
        """Store fields one by one."""
        for key, value in update_dict.items():
            self.set(key, value)

    def delete(self, key: KeyValueStore.Key) -> None:
        """Forget one field; KeyError when it was not set."""
        state = self._read(key)
        del state[key.field_name]
        self._write(key, state)

    def has(self, key: KeyValueStore.Key) -> bool:
        """Is the field set?"""
        return key.field_name in self._read(key)


class DemoIds(IdReader, IdGenerator):
    """Keys are usage keys of the demo course; definition and usage are the same key."""

    def get_block_type(self, def_id: UsageKey) -> str:
        """The block type is part of the key."""
        return def_id.block_type

    def get_definition_id(self, usage_id: UsageKey) -> UsageKey:
        """Definition and usage are one; NoSuchUsage for a key that the course does not have."""
        if unit_by_key(usage_id) is None:
            raise NoSuchUsage(repr(usage_id))
        return usage_id

    def get_usage_id_from_aside(self, aside_id: Any) -> Any:
        """There are no asides here."""
        raise NoSuchUsage(repr(aside_id))

    get_definition_id_from_aside = get_usage_id_from_aside
    get_aside_type_from_definition = get_usage_id_from_aside
    get_aside_type_from_usage = get_usage_id_from_aside

    def create_definition(self, block_type: str, slug: str | None = None) -> UsageKey:
        """The key that a block with that ``url_name`` has."""
        return COURSE_KEY.make_usage_key(block_type, slug or block_type)

    def create_usage(self, def_id: UsageKey) -> UsageKey:
        """Definition and usage are one."""
        return def_id

    def create_aside(self, definition_id: Any, usage_id: Any, aside_type: str) -> tuple[Any, Any]:
        """There are no asides here."""
        raise NoSuchUsage(repr(usage_id))


class DemoUserService(UserService):
    """The user of the Django session, described as the LMS describes its users."""

    def __init__(self, user: Any, *, studio: bool) -> None:
        super().__init__()
        self._user = user
        self._studio = studio

    def get_current_user(self) -> XBlockUser:
        """Studio never says who is staff; neither does this."""
        shown = XBlockUser(is_current_user=True)
        if self._user is None or not self._user.is_authenticated:
            shown.opt_attrs["edx-platform.is_authenticated"] = False
            return shown
        names = set() if self._studio else {group.name.split(":")[0] for group in self._user.groups.all()}
        is_staff = bool(names & {"staff", "instructor"})
        shown.emails = [self._user.email]
        shown.full_name = self._user.get_full_name()
        shown.opt_attrs |= {
            "edx-platform.anonymous_user_id": f"demo-{self._user.pk}",
            "edx-platform.is_authenticated": True,
            "edx-platform.user_id": self._user.pk,
            "edx-platform.username": self._user.username,
            "edx-platform.user_is_staff": is_staff,
            "edx-platform.user_is_global_staff": False,
            "edx-platform.user_role": "instructor" if "instructor" in names else "staff" if is_staff else "student",
            "edx-platform.user_preferences": {"pref-lang": translation.get_language() or "de"},
        }
        return shown


class DemoI18nService:
    """Django's own translations, under the names blocks use."""

    @property
    def ugettext(self) -> Any:
        """Translate one text."""
        return translation.gettext

    gettext = ugettext

    @property
    def ungettext(self) -> Any:
        """Translate with a number."""
        return translation.ngettext

    ngettext = ungettext


class DemoRuntime(WorkbenchRuntime):
    """One runtime per request and user. ``studio`` says on which side we are."""

    def __init__(self, user: Any, *, studio: bool = False) -> None:
        ids = DemoIds()
        services = {
            "field-data": KvsFieldData(DemoKeyValueStore()),
            "user": DemoUserService(user, studio=studio),
            "i18n": DemoI18nService(),
        }
        # Not the constructor of the workbench's runtime: its ids count up anew in every process.
        Runtime.__init__(self, ids, ids, services=services)
        self.user = user
        self.user_id = user.pk if user is not None and user.is_authenticated else None
        self.studio = studio

    def _patch_xblock(self, block: XBlock) -> None:
        """What the platform's mixin gives every block, instead of the workbench's mock objects."""
        block.location = block.scope_ids.usage_id
        block.course_id = COURSE_KEY

    def _wrap_ele(self, block: XBlock, view: str, frag: Any, extra_data: dict[str, Any] | None = None) -> Any:
        """The workbench would add jQuery here; a block of ours must not need it."""
        return Runtime._wrap_ele(self, block, view, frag, extra_data)

    def handler_url(self, block: XBlock, handler_name: str, suffix: str = "", query: str = "", thirdparty: bool = False) -> str:
        """An address on the side of this runtime. The LMS strips the last slash, Studio's preview ends in ``/?``: both happen here."""
        if not getattr(getattr(block, handler_name, None), "_is_xblock_handler", False):
            raise ValueError(f"{handler_name!r} is no handler of {block.scope_ids.block_type}")
        side = "studio" if self.studio else "lms"
        url = reverse("handler", args=(side, str(block.scope_ids.usage_id), handler_name, suffix))
        if not suffix:
            url = url.rstrip("/")
        if self.studio:
            return f"{url}/?{query}"
        return f"{url}?{query}" if query else url

    def local_resource_url(self, block: XBlock, uri: str) -> str:
        """Served by ``open_local_resource``, as on a developer's platform."""
        return reverse("resource", args=(block.scope_ids.block_type, uri))

    def publish(self, block: XBlock, event_type: str, event_data: dict[str, Any]) -> None:
        """``completion`` goes to edx-completion, for the current user only; Studio publishes nothing."""
        if self.studio or self.user_id is None or event_type != "completion":
            return
        BlockCompletion.objects.submit_completion(user=self.user, block_key=block.scope_ids.usage_id, completion=float(event_data["completion"]))
