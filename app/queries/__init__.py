"""The query side: reads of MongoDB documents that can wait for the reader's own writes, and the live stream of changes.

MongoDB is known here only, through pymongo's AsyncMongoClient; PostgreSQL is never imported. Which documents there are
and what they say is the domains' business: they bring finders and routes and get `Queries` injected.
"""
