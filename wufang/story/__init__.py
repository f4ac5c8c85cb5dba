"""`wufang demo`: the story from upload to passes, told as it happens and checked at every step."""
