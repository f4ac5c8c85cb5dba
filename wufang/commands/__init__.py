"""The parts of the command `wufang`, one module each."""
