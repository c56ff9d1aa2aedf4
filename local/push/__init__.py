"""The push service: pulls from the Pub/Sub emulator's subscriptions and posts as Pub/Sub does in the cloud.

The emulator's own push sends two messages at a time, without tokens and delivery attempts; nothing of group commit or
authentication would be tried with it. This one posts the raw envelope with an OIDC token, counts delivery attempts,
backs off, forwards to the dead-letter topic, and has a window of outstanding messages that grows with success.
It holds no message that the emulator does not hold too: when it dies, the leases run out and all is delivered again.
"""
