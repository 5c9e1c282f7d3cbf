"""Footage and worlds become one table: a row a clip, a column a judgement; plans and loaders read it."""
