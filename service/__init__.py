"""HTTP and screens."""
