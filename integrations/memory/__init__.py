"""The in-memory twin of the store: same ports, same laws, nothing kept."""
