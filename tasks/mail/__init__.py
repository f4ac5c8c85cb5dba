"""Mail: how a letter leaves the house, and what became of it."""
