"""How a timetable is found: the grid, its points, a start, the search, the bound, and why a session has no place."""
