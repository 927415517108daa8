"""Engines that tests put beside the real ones."""
