"""NLU components: thin wrappers of language/."""
