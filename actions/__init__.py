"""What Rasa calls: thin shells around the desk."""
