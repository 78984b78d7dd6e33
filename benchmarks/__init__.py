"""What is measured against others, and what of it must hold: `make bench`."""
