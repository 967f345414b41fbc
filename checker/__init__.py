"""The independent checker: judges a frozen run by what clients were told and what the three stores hold.

It imports nothing of the system it judges (an import contract says so): folds, mapping and partitioner are written
once more, from the specification, so that one's mistake is not the other's.
"""
