"""What `volfefe selftest` ships: a worker that misbehaves, and tools that look from outside."""
