"""The rider's phone: one page for each thing, no app; known again by a cookie, without a log-in."""
