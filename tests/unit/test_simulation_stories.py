"""Stories that once ended badly. Each is the shortest one that a seed or a reviewer has found."""

from __future__ import annotations

import pytest

from tests.simulation.story import Act, Habits, Outage, StepFault, Story
from tests.simulation.world import run_story

LAUNCH = Act(at=0, deed="launch")
RETRY_ONCE_FINISHED = Act(at=1, deed="retry", once_finished=True)
RETRY_AGAIN = Act(at=2, deed="retry", once_finished=True)
ERASE_ONCE_FINISHED = Act(at=1, deed="erase", once_finished=True)
SENT = Habits(failing=0)
NEVER_REPORTED = Habits(failing=0, reports_lost=1.0)
LATE_REPORT = Habits(failing=0, report_seconds=3600)
EVERYTHING_TWICE = Habits(failing=1, copies=1.0, copies_late=30, report_seconds=20)
NO_PERSONALIZATION = Outage(at=0, seconds=6000, what="function", function="personalize")
NO_RIGHTS = Outage(at=0, seconds=30, what="database", kind="denied", function="personalize")

STORIES = {
    "copies that the watchdog published outlive the dead letters of the originals": Story(
        seed=1, people=2, acts=(LAUNCH, RETRY_ONCE_FINISHED), outages=(NO_PERSONALIZATION,), habits=SENT
    ),
    "an attempt that the vendor may have is retried, and the first attempt has no claim": Story(
        seed=1, people=1, acts=(LAUNCH, RETRY_ONCE_FINISHED, RETRY_AGAIN), outages=(NO_RIGHTS,), habits=NEVER_REPORTED
    ),
    "the vendor's report comes after its message was given up": Story(
        seed=1, people=1, acts=(LAUNCH,), outages=(Outage(at=0, seconds=100_000, what="callbacks"),), habits=SENT
    ),
    "a person is erased after the vendor has the message, and before it reports": Story(
        seed=4, people=1, acts=(LAUNCH, Act(at=4, deed="erase")), habits=LATE_REPORT
    ),
    "a person is suppressed after the vendor has the message, and before it reports": Story(
        seed=4, people=1, acts=(LAUNCH, Act(at=4, deed="suppress")), habits=LATE_REPORT
    ),
    "the vendor reports on someone who is in no page": Story(
        seed=1, people=1, acts=(LAUNCH, Act(at=2, deed="foreign receipt")), habits=SENT
    ),
    "the command of a retry is delivered again while its campaign finishes": Story(
        seed=1,
        people=2,
        acts=(LAUNCH, Act(at=3, deed="retry")),
        faults=(StepFault(step="read for retry", nth=4, kind="freezes after", seconds=400),),
        habits=EVERYTHING_TWICE,
    ),
    "an instance that was frozen ends the lease of the one that took over": Story(
        seed=2,
        people=1,
        acts=(LAUNCH,),
        faults=(StepFault(step="send", nth=1, kind="freezes after", seconds=330),),
        outages=(
            Outage(at=20, seconds=306, what="deliveries", function="deliveries", kind="delayed"),
            Outage(at=0, seconds=15, what="vendor", kind="late"),
            Outage(at=15, seconds=1000, what="vendor", kind="slow"),
        ),
        habits=Habits(failing=0, copies=1.0, copies_late=90, report_seconds=3600),
    ),
    "a person is erased between the failure and the retry": Story(
        seed=1,
        people=1,
        acts=(LAUNCH, ERASE_ONCE_FINISHED, RETRY_AGAIN),
        outages=(NO_PERSONALIZATION,),
        habits=Habits(failing=0, watchdog=False),
    ),
    "the right to use the database is missing while a retry is processed": Story(
        seed=1,
        people=5,
        acts=(LAUNCH, Act(at=3, deed="retry")),
        outages=(Outage(at=3, seconds=30, what="database", kind="denied", function="fan_out"),),
        habits=Habits(failing=0.9, watchdog=False),
    ),
    "the command of a retry becomes a dead letter": Story(
        seed=1,
        people=5,
        acts=(LAUNCH, Act(at=3, deed="retry")),
        outages=(Outage(at=3, seconds=9000, what="database", kind="denied", function="fan_out"),),
        habits=Habits(failing=0.9),
    ),
    "the vendor reports a message while Herald waits to ask again": Story(
        seed=3,
        people=1,
        acts=(LAUNCH,),
        outages=(Outage(at=0, seconds=700, what="vendor", kind="late"),),
        habits=LATE_REPORT,
    ),
}

GOOD_STORIES = {
    "messages are on their way when the campaign is paused": Story(
        seed=1,
        people=3,
        acts=(LAUNCH, Act(at=3, deed="pause"), Act(at=300, deed="resume")),
        outages=(Outage(at=0, seconds=40, what="deliveries", function="deliveries", kind="delayed"),),
        habits=SENT,
    ),
    "messages are on their way when the campaign is cancelled": Story(
        seed=1,
        people=3,
        acts=(LAUNCH, Act(at=3, deed="cancel")),
        outages=(Outage(at=0, seconds=40, what="deliveries", function="deliveries", kind="delayed"),),
        habits=SENT,
    ),
    "the commands of a launch cannot be published, and the manager gives up": Story(
        seed=1,
        people=3,
        acts=(LAUNCH,),
        outages=(Outage(at=0, seconds=200, what="pubsub", function="campaigns"),),
        habits=Habits(failing=0, watchdog=False),
    ),
    "the vendor loses every first report": Story(
        seed=1, people=3, acts=(LAUNCH,), habits=Habits(failing=0, reports_lost=0.5)
    ),
    "a person is suppressed while the message is on its way": Story(
        seed=1,
        people=1,
        acts=(LAUNCH, Act(at=2, deed="suppress")),
        outages=(Outage(at=0, seconds=60, what="deliveries", function="deliveries", kind="delayed"),),
        habits=SENT,
    ),
    "every event comes twice, and the vendor reports twice": Story(
        seed=1,
        people=3,
        acts=(LAUNCH, RETRY_ONCE_FINISHED),
        habits=Habits(copies=1.0, copies_late=200, reports_twice=1.0, failing=0.7, watchdog=False),
    ),
    "the vendor is down longer than ten tries take": Story(
        seed=1,
        people=2,
        acts=(LAUNCH, RETRY_ONCE_FINISHED),
        outages=(Outage(at=0, seconds=6000, what="vendor", kind="late"),),
        habits=NEVER_REPORTED,
    ),
    "deliveries are refused until their last attempt": Story(
        seed=1,
        people=2,
        acts=(LAUNCH, RETRY_ONCE_FINISHED),
        outages=(Outage(at=0, seconds=6000, what="pubsub", function="deliver"),),
        habits=Habits(failing=0, final_answers=True, watchdog=False),
    ),
}


@pytest.mark.parametrize("name", GOOD_STORIES)
def test_story_that_ends_well_violates_no_rule(name: str) -> None:
    """Each is a way to notice one fault of the protocols."""
    assert [str(violation) for violation in run_story(GOOD_STORIES[name]).violations] == []


@pytest.mark.parametrize("name", STORIES)
def test_story_that_once_ended_badly_violates_no_rule(name: str) -> None:
    """The story ends as it must: everyone is messaged once, and all numbers are true."""
    assert [str(violation) for violation in run_story(STORIES[name]).violations] == []
