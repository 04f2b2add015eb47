"""Pictures against their labels: embeddings, label issues, and pictures that are off topic."""
