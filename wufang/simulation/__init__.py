"""The simulation: a district's year on a clock of its own, by the domain's own code, with every law looked at after every step."""
