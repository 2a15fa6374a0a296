"""How many calls to expect: models fitted by night in the sidecar, bands that pages draw."""
