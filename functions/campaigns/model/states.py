"""The states of a campaign and the transitions between them.

draft ⇄ scheduled ─► running ⇄ paused
  └────────┴────────────►│        │
           │             ▼        │
           └─► cancelled ◄────────┤
              running, paused ─► finished ─► running (retry)
"""

from __future__ import annotations

from typing import Literal, get_args

from common.errors import Refused

State = Literal["draft", "scheduled", "running", "paused", "finished", "cancelled"]
Action = Literal[
    "change", "change_pace", "approve", "launch", "schedule", "unschedule", "pause", "resume", "cancel", "retry",
    "finish", "archive", "restore",
]  # fmt: skip
STATES: tuple[State, ...] = get_args(State)

TRANSITIONS: dict[Action, dict[State, State]] = {
    "change": {"draft": "draft", "scheduled": "scheduled"},
    "change_pace": {"paused": "paused"},
    "approve": {"draft": "draft"},
    "launch": {"draft": "running", "scheduled": "running"},
    "schedule": {"draft": "scheduled", "scheduled": "scheduled"},
    "unschedule": {"scheduled": "draft"},
    "pause": {"running": "paused"},
    "resume": {"paused": "running"},
    "cancel": {"scheduled": "cancelled", "running": "cancelled", "paused": "cancelled"},
    "retry": {"running": "running", "finished": "running"},
    "finish": {"running": "finished", "paused": "finished", "cancelled": "cancelled"},
    "archive": {"finished": "finished", "cancelled": "cancelled"},
    "restore": {"finished": "finished", "cancelled": "cancelled"},
}
"""For each action: the states in which it is allowed, and the state that it leads to from each."""

TARGET_STATES: dict[Action, State] = {
    "launch": "running",
    "unschedule": "draft",
    "pause": "paused",
    "resume": "running",
    "cancel": "cancelled",
}
"""The state that a campaign is in when the action was already done. Repeating the action then has no effect."""

PAST_TENSE: dict[Action, str] = {
    "change": "changed",
    "change_pace": "given another pace",
    "approve": "approved",
    "launch": "launched",
    "schedule": "scheduled",
    "unschedule": "unscheduled",
    "pause": "paused",
    "resume": "resumed",
    "cancel": "cancelled",
    "retry": "retried",
    "finish": "finished",
    "archive": "archived",
    "restore": "restored",
}


def next_state(action: Action, state: State) -> State:
    """The state that an action leads to. Raises `Refused`, with the reason, if the state does not allow the action."""
    try:
        return TRANSITIONS[action][state]
    except KeyError:
        possible = " or ".join(TRANSITIONS[action])
        raise Refused(f"The campaign is {state}; only one that is {possible} can be {PAST_TENSE[action]}.") from None
