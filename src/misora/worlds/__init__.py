"""Simulators that film themselves: seeded scripts, physics, frames, captions, truth."""
