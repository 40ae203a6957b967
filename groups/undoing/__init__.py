"""Take back the last subscriber file, as long as nothing was built on it."""
