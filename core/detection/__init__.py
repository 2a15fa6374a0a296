"""Finding abuse in call records: what is known of everybody's habits, detectors beside their data, one engine."""
