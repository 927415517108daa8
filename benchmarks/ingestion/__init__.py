"""Ingestion with phases: how fast, in how much memory, how soon it answers, and what a kill costs."""
