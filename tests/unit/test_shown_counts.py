"""The tables of the command line and of the demo show every number of a campaign, so that they add up."""

from __future__ import annotations

from campaigns.model.campaign import CampaignTotals
from local.client.__main__ import CAMPAIGN_COUNTS
from local.demo import SHOWN_COUNTS


def test_tables_show_every_outcome() -> None:
    """A number that is left out would make the others add up to less than the audience."""
    assert set(CAMPAIGN_COUNTS) == set(CampaignTotals.model_fields)
    assert set(SHOWN_COUNTS) == set(CampaignTotals.model_fields)
