"""The processes of the district, each file one story. A flow may be run at any time, any number of times."""
