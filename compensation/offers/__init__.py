"""The kinds of remedy a catalog row can be: one class each, found by one law suite."""
