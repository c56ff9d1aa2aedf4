"""Webhooks to the deployer's own servers: what happened is written beside what tells of it, and delivered from there.

recording      one document more in the commit that records a receipt, a customer or the end of a campaign
store          where webhooks, their state, their events, deliveries and attempts are stored
signing        signatures by the Standard Webhooks scheme
public_hosts   connections to the internet only; public_addresses says which those are
"""
