"""Trust: what is marked, signed, refused and written down, so that a viewer can tell where a video comes from."""
