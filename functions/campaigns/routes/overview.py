"""The home page over HTTP: everything that it shows, in one request."""

from __future__ import annotations

from common.web.auth import Viewer, guarded_router
from common.web.rate_limits import costs

from ..reports.overview import Overview, build_overview
from ..services import ServicesDep

router = guarded_router("/api/overview", tag="results")


@router.get("", operation_id="get_overview", dependencies=costs(3))
async def get_overview(services: ServicesDep, member: Viewer) -> Overview:
    """The first steps, what runs now, what needs attention, the last campaigns and imports, and the main figures.

    The cost is bounded, however many customers, messages and campaigns there are: it reads one segment, at most 60
    campaigns and 10 imports, and counts the campaigns of each state. For each of the at most 50 running or paused ones
    it reads the counters, and counts the deferred messages. The customers and the last days are counted in the index,
    in memory; of the last days, the counters of at most 100 campaigns are read, once a minute.
    """
    return await build_overview(services)
