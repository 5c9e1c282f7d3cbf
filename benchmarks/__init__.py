"""Every number that misora claims, measured anew by one command each."""
