"""The linked Teams course on the volunteer's page: how much of its practice meeting is done."""

import pytest
from completion.models import BlockCompletion
from django.utils import translation
from opaque_keys.edx.keys import UsageKey
from waffle.testutils import override_switch

from beratung_xblock import completion
from tests.blocks import stage
from tests.blocks.journey import signed_up
from tests.integration import world

pytestmark = pytest.mark.django_db
COURSE = "course-v1:Diakonie+Teams+2027"
ADDRESSES = (
    f"https://lms.example/learning/course/{COURSE}/home", f"https://lms.example/courses/{COURSE}/", f"/courses/{COURSE.replace('+', '%2B').replace(':', '%3A')}",
)


def practise(user, share: float, name: str = "u7_1_1_2_practice", kind: str = "teams_practice", course: str = COURSE) -> None:
    key = UsageKey.from_string(f"{course.replace('course-v1', 'block-v1')}+type@{kind}+block@{name}")
    with override_switch("completion.enable_completion_tracking", True):
        BlockCompletion.objects.submit_completion(user=user, block_key=key, completion=share)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_page_says_how_much_is_practised(address):
    renate = stage.enrol(world.user("renate"))
    with translation.override("en"):
        world.place(teams_course_url=address)
        signed_up(renate, world.open_round(world.lead()))
        assert "of the practice meeting" not in stage.show(renate, teams_course_url=address)
        practise(renate, 5 / 14)
        practise(renate, 1.0, name="intro", kind="html")
        practise(world.user(), 1.0)
        page = stage.show(renate, teams_course_url=address)
    assert "You have done 36 % of the practice meeting." in page
    assert "--kb-share: 36%" in page


@pytest.mark.parametrize("address", ["", "https://lms.example/teams", "course-v1:", "https://lms.example/courses/course-v1:x", "/courses/course-v1:A+B+C\u202e"])
def test_an_address_without_a_course_asks_nothing(address, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        assert completion.practised(1, address) is None
