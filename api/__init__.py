"""The web: the JSON API and the portal. A handler authorises, calls one function of the domain, answers."""
