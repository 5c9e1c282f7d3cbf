"""Strict configs, typed errors, seeds, files, logs and model folders: what every room rests on."""
