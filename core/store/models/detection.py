"""Tables: tuned parameters, declared campaigns, allowed destinations, tariffs, risk, forecasts."""
