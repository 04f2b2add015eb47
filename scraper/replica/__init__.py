"""A local image-search site in the three engines page shapes: for the demo and the tests."""
