"""Riders as people of the programme: enrolled with a community, on their own phones, as grid members and in squads."""
