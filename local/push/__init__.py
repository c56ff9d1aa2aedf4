"""The push service: pulls from the subscriptions of the Pub/Sub emulator and posts as Pub/Sub does in the cloud.

The emulator's own push sends two messages at a time, without tokens and delivery attempts, so it would not exercise
group commit and authentication. This service posts the raw envelope with an OIDC token, counts delivery attempts, backs
off, forwards to the dead-letter topic, and has a window of outstanding messages that grows with success. The emulator
keeps every message until it is acknowledged: if the service exits, the leases expire and the messages are delivered
again.
"""
