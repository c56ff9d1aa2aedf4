"""An outside vendor, for the `webhook` vendor to be tried on: it verifies what it is sent, keeps a book, and reports
by signed callbacks, some of them twice, late and out of order. It can be told to misbehave as vendors do.
"""
