"""What the desk does about each thing a shopper may want; one family a file."""
