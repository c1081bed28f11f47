"""The HTTP contract, one router a family."""
