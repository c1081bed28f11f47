"""The core: what an order, a turn, an offer and a handoff are, and the one use case over them. Standard library only."""
