"""Seven questions about orders: rollups per bucket and partition, summed when asked; a module a rule."""
