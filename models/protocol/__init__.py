"""Protocols 议事规则: the versioned rules of a consultation, as data."""
