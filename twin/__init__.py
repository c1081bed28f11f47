"""WHAT IF: a synthetic shop, labelled as such; also the demo shop's data."""
