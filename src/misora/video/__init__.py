"""Pixels with their clock: clips, files in and out, and a wall between us and files from outside."""
