"""Many pictures: which are copies of which, compared pixel by pixel."""
