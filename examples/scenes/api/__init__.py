"""The tags of camera scenes over REST."""
