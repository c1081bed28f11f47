"""What the order in which things happened says: a case's events as tokens, and the small Transformer that reads them."""
