"""Settings, environment, URLs and wiring: the only place that knows all. Nothing else may import it."""
