"""The role of a coordinator given and taken in Django's admin: it stands in the record, and open pages notice at once."""

import pytest
from django.test import Client
from django.urls import reverse

from beratung_xblock.api import places, session_cache
from beratung_xblock.api.history import history
from beratung_xblock.models import AuditEntry, Coordinator
from tests.integration import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chief():
    who = world.user("root")
    who.is_staff = who.is_superuser = True
    who.save()
    client = Client()
    client.force_login(who)
    client.user = who
    return client


def test_a_role_from_the_admin_is_recorded_and_takes_effect_at_once(chief):
    world.place()
    lead = world.lead()
    somebody, other = world.user(), world.user()
    add = reverse("admin:beratung_xblock_coordinator_add")
    answer = chief.post(add, {"course_key": world.COURSE, "user": somebody.pk, "region": "", "granted_by": somebody.pk})
    assert answer.status_code == 302
    role = Coordinator.objects.get(user=somebody)
    assert role.granted_by == chief.user, "who gave it is not typed"
    epoch = session_cache.ready("0" * 32, somebody.pk).user_epoch
    change = reverse("admin:beratung_xblock_coordinator_change", args=[role.pk])
    assert chief.post(change, {"course_key": world.COURSE, "user": other.pk, "region": "Nord"}).status_code == 302
    assert session_cache.glance("0" * 32, somebody.pk).user_epoch != epoch
    listed = reverse("admin:beratung_xblock_coordinator_changelist")
    epoch = session_cache.ready("0" * 32, other.pk).user_epoch
    chief.post(listed, {"action": "delete_selected", "_selected_action": [role.pk], "post": "yes"})
    assert not Coordinator.objects.filter(user=other).exists()
    assert session_cache.glance("0" * 32, other.pk).user_epoch != epoch
    rows = AuditEntry.objects.filter(actor_id=chief.user.pk).order_by("pk").values_list("action", "object_id")
    assert list(rows) == [
        ("coordinator.grant", str(somebody.pk)), ("coordinator.revoke", str(somebody.pk)),
        ("coordinator.grant", str(other.pk)), ("coordinator.revoke", str(other.pk)),
    ]
    assert [line.who for line in history(actor=lead)[0] if line.action.startswith("coordinator.")].count("root") == 4


def test_a_course_without_a_place_has_a_record_too(chief):
    places.role_changed(by_user_id=chief.user.pk, course_key="course-v1:Leer+X+1", user_id=5, granted=True)
    assert AuditEntry.objects.get().place_id is None
