"""A stand-in for an outside vendor, to test the `webhook` vendor: it verifies requests, keeps a send log, and reports
outcomes by signed callbacks, some of them duplicated, late and out of order. It can be configured to fail.
"""
