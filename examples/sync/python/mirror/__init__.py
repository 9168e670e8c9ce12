"""A copy of a part of the tree: what is asked, of whom, where it is kept, and how it is made, followed and compared."""
