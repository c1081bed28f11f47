"""The features, by the side of the shopping story they look at."""
