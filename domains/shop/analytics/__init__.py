"""Seven questions about orders: rollups kept per bucket and partition, summed when asked; each rule is in its module."""
