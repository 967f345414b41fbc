"""Mutants: known ways to get this kind of system wrong, as patches to a copy of the tree, and whether the campaign sees
them. Nothing of them is in the product.
"""
