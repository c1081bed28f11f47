"""HOW LIKELY: the probability that an order is lost, with its reasons."""
