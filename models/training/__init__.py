"""Training and services: needs, courses, timetables, sessions, places, who came."""
