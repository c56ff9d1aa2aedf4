"""A campaign's life.

draft ─► scheduled ─► running ⇄ paused
  └────────┴────────────►│        │
           │             ▼        │
           └─► cancelled ◄────────┤
                         running ─► finished ─► running (retry)
"""

from __future__ import annotations

from typing import Literal, get_args

from common.errors import Refused

State = Literal["draft", "scheduled", "running", "paused", "finished", "cancelled"]
Action = Literal["change", "launch", "schedule", "pause", "resume", "cancel", "retry", "finish"]
STATES: tuple[State, ...] = get_args(State)

STEPS: dict[Action, dict[State, State]] = {
    "change": {"draft": "draft", "scheduled": "scheduled"},
    "launch": {"draft": "running", "scheduled": "running"},
    "schedule": {"draft": "scheduled", "scheduled": "scheduled"},
    "pause": {"running": "paused"},
    "resume": {"paused": "running"},
    "cancel": {"scheduled": "cancelled", "running": "cancelled", "paused": "cancelled"},
    "retry": {"running": "running", "finished": "running"},
    "finish": {"running": "finished", "cancelled": "cancelled"},
}
"""What an action makes of each state in which it is possible."""

REACHED: dict[Action, State] = {"launch": "running", "pause": "paused", "resume": "running", "cancel": "cancelled"}
"""Where an action that is asked for once more finds the campaign, if it has happened already."""

DONE: dict[Action, str] = {
    "change": "changed",
    "launch": "launched",
    "schedule": "scheduled",
    "pause": "paused",
    "resume": "resumed",
    "cancel": "cancelled",
    "retry": "retried",
    "finish": "finished",
}


def after(action: Action, state: State) -> State:
    """The state that an action leads to; `Refused`, with the reason, where it is not possible."""
    try:
        return STEPS[action][state]
    except KeyError:
        possible = " or ".join(STEPS[action])
        raise Refused(f"The campaign is {state}; only one that is {possible} can be {DONE[action]}.") from None
