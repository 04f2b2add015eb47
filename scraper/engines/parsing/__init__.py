"""What parsers are made of: nodes, scripts, claims merged by picture, block pages, encodings."""
