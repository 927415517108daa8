"""Tests of the worker: real processes, real small models, no network."""
