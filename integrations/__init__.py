"""OUTSIDE: settings, store, order system, channels, and how they are wired together."""
