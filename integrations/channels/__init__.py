"""Ways a message reaches us."""
