"""WHAT NEXT: the shop's interception policy, and Rasa's dialogue policy over it."""
