"""What fixed billing says to our files: read whole, taken once, and what becomes of each no."""
