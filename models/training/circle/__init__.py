"""The 15-minute circle: how far it is from where riders are to what is open for them, and where one more site helps most."""
