"""Demo data: a clinic that does not exist, with its staff, its patients and their history.

Everything follows from a seed: the same numbers give the same people, down to their public identifiers. One module for
each part of the history; `seed` writes them.
"""

from records.demo.plan import Plan
from records.demo.seed import seed

__all__ = ["Plan", "seed"]
