"""Whether two names are one entity: names made comparable, likeness, bands, decisions."""
