"""Files that come in: received, looked at, agreed to, loaded, and each of them once."""
