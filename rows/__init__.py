"""What the shop tunes, as text: read strictly, and refused in words an operator can act on."""
