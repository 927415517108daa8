"""Contents seen together: their words, topics and near-duplicates."""
