"""WHAT TO OFFER: the catalog of remedies and the engine that chooses one worth its cost."""
