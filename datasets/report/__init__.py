"""What a dataset is and how it came about, on one page for people."""
