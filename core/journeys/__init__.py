"""Call journeys: one call out of its many legs, how it went, who took part, and for how long."""
