"""The office's own programs: start its services, fill them, and tell what is in them."""
