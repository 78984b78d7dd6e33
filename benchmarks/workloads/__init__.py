"""What is done in Python, who does it, and what ours must be."""
