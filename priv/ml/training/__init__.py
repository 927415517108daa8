"""Training of the shipped models: from labelled texts to adapters in priv/ml/models."""
