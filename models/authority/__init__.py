"""Log-in and authority: passwords, the second factor, sessions, and what holds off those who guess."""
