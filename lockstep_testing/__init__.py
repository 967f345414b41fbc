"""What tests of a domain are written with: rules and projections without a server, and the whole system as fixtures.

Import from the modules; nothing is imported here, so that pytest rewrites their assertions first (see plugin.py).
"""
