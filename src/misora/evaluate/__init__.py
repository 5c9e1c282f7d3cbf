"""Measures of what a model makes: one file a measure, one report."""
