"""The consultation engine 协商: stages, seats, opinions, ladders and what they come to."""
