"""The campaign: faults done to a running system while clients write and read, each run judged by the checker."""
