"""Deterministic simulation: all of Herald in one process, with a simulated clock, and faults that one seed decides.

    story.py        what happens: people, managers' actions, faults; random from a seed, or written by hand
    loop.py         the event loop whose clock jumps to the next timer, and the seeded randomness
    faults.py       the faults at single steps, and the outages
    instance.py     one process: its clock, its life, and its connections to the database, Pub/Sub and the vendor
    pubsub.py       Pub/Sub: every message is delivered at least once, with backoff, copies and dead letters
    vendor.py       the vendor, which knows whom its messages have reached
    audience.py     the audience without DuckDB
    cloud.py        the functions' instances, on one database
    world.py        one run of a story
    checks.py       what must be true at every moment, and at the end
    shrink.py       the shortest story that still fails

`make simulate SEEDS=2000` runs seeds and prints the shortest story of each one that fails.
"""
